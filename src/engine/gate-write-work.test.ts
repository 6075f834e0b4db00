import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WriteOperation } from '../scenario/scenario.ts'
import { defaultGateSampling as sampling } from './gate-sampling.ts'
import { cutWritePairs, gateWriteTuples, usableTuples } from './gate-write-work.ts'

const write = (sql: string, statementsPerTransaction: number): WriteOperation => ({
  kind: 'write',
  id: 'W',
  title: 'a write',
  sql,
  draw: { table: 'prompts', columns: ['id'] },
  statementsPerTransaction,
})

describe('the pairs of a write', () => {
  test('use no transaction twice, however fast it is, and warm nothing up', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 100, max: 10e9, noNaN: true }),
        fc.integer({ min: 1, max: 5000 }),
        (medianNs, transactions) => {
          const { pairs, samplesPerPair, samplesPerTurn, warmupSamples } = cutWritePairs(
            medianNs,
            sampling,
            transactions,
          )
          expect(pairs * samplesPerPair).toBeLessThanOrEqual(transactions)
          expect(samplesPerTurn).toBeLessThanOrEqual(samplesPerPair)
          expect(Math.min(pairs, samplesPerPair, samplesPerTurn)).toBeGreaterThanOrEqual(1)
          expect(warmupSamples).toBe(0)
        },
      ),
    )
  })

  test('are as those of a read where there are enough arguments', () => {
    expect(cutWritePairs(1e6, sampling, 1000)).toMatchObject({ pairs: 2, samplesPerPair: 200 })
    expect(cutWritePairs(20_000, sampling, 1000)).toMatchObject({ pairs: 1, samplesPerPair: 1000 })
  })
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
