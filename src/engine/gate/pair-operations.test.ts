import { describe, expect, test } from 'vitest'
import type { LoadedScenario } from '../../scenario/load.ts'
import type { Operation, ReadOperation, WriteOperation } from '../../scenario/scenario.ts'
import { pairOperations } from './pair-operations.ts'

const read = (id: string, more: Partial<ReadOperation> = {}): ReadOperation => ({
  kind: 'read',
  id,
  title: id,
  sql: 'SELECT 1',
  draw: { table: 'prompts', columns: ['id'] },
  rows: { min: 1, max: 1 },
  ...more,
})
const write = (id: string, statementsPerTransaction: number): WriteOperation => ({
  kind: 'write',
  id,
  title: id,
  sql: 'DELETE FROM prompts WHERE id = ?',
  draw: { table: 'prompts', columns: ['id'] },
  statementsPerTransaction,
})
const loaded = (...operations: readonly Operation[]): LoadedScenario =>
  ({ id: 'mine', scenario: { operations } }) as unknown as LoadedScenario

describe('the operations of two revisions', () => {
  test('are compared by id, each with the statement of its own side', () => {
    const { operations, notes } = pairOperations(
      loaded(read('Q1', { sql: 'SELECT 2' }), read('Q2')),
      loaded(read('Q2'), read('Q1')),
    )
    expect(notes).toEqual([])
    expect(operations.map(({ baseline, candidate }) => [candidate.id, baseline.sql, candidate.sql])).toEqual([
      ['Q2', 'SELECT 1', 'SELECT 1'],
      ['Q1', 'SELECT 2', 'SELECT 1'],
    ])
  })

  test('are not judged where they are not the same, and a note names each', () => {
    const { operations, notes } = pairOperations(
      loaded(
        read('same'),
        read('old'),
        read('moved'),
        read('narrowed'),
        write('turned', 2),
        write('longer', 2),
        write('alike', 2),
      ),
      loaded(
        read('same'),
        read('new'),
        read('moved', { draw: { table: 'evaluations', columns: ['id'] } }),
        read('narrowed', { draw: { table: 'prompts', columns: ['id'], where: 'version > 1' } }),
        read('turned'),
        write('longer', 3),
        write('alike', 2),
      ),
    )
    expect(operations.map(({ candidate }) => candidate.id)).toEqual(['same', 'alike'])
    expect(notes).toEqual([
      'new is not judged: the baseline has no such operation',
      'moved is not judged: its arguments are drawn from other rows',
      'narrowed is not judged: its arguments are drawn from other rows',
      'turned is not judged: a write became a read',
      'longer is not judged: its transactions have another length',
      'old is not judged: the candidate has no such operation',
    ])
  })

  test('are those that are named; one that only one side has is noted, one that neither has is refused', () => {
    const [before, after] = [loaded(read('Q1'), read('Q2')), loaded(read('Q2'), read('Q3'))]
    const { operations, notes } = pairOperations(before, after, [' Q2', 'Q3'])
    expect(operations.map(({ candidate }) => candidate.id)).toEqual(['Q2'])
    expect(notes).toEqual(['Q3 is not judged: the baseline has no such operation'])
    expect(() => pairOperations(before, after, ['Q9'])).toThrow(
      expect.objectContaining({ exit: 2, message: 'mine has no operation Q9; it has Q2, Q3, Q1' }),
    )
  })

  test('without one in common are refused', () => {
    expect(() => pairOperations(loaded(read('Q1')), loaded(read('Q2')))).toThrow(
      expect.objectContaining({
        exit: 2,
        message:
          'the sides have no operation in common: Q2 is not judged: the baseline has no such operation; Q1 is not judged: the candidate has no such operation',
      }),
    )
  })
})
