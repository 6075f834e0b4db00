import { describe, expect, test } from 'vitest'
import type { WriteOperation } from '../../scenario/scenario.ts'
import { gateWriteTuples, usableTuples } from './draw-sides.ts'

const write = (sql: string, statementsPerTransaction: number): WriteOperation => ({
  kind: 'write',
  id: 'W',
  title: 'a write',
  sql,
  draw: { table: 'prompts', columns: ['id'] },
  statementsPerTransaction,
})

describe('the arguments of a write', () => {
  test('are enough for a round, but no row is deleted twice', () => {
    const count = gateWriteTuples(10)
    expect(usableTuples(write('INSERT INTO prompts (id) VALUES (?)', 10), count, 50)).toBe(count)
    expect(usableTuples(write('  delete FROM prompts WHERE id = ?', 10), count, 1e6)).toBe(count)
    expect(usableTuples(write('DELETE FROM prompts WHERE id = ?', 10), count, 125)).toBe(120)
    expect(usableTuples(write('DELETE FROM prompts WHERE id = ?', 10), count, 3)).toBe(10)
  })
})
