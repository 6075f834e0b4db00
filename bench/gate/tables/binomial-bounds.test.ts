import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { binomialBounds } from './binomial-bounds.ts'

const chance = (hits: number, trials: number, p: number): number => {
  let choices = 1
  for (let i = 0; i < hits; i++) choices = (choices * (trials - i)) / (i + 1)
  return choices * p ** hits * (1 - p) ** (trials - hits)
}
const atMost = (hits: number, trials: number, p: number): number =>
  Array.from({ length: hits + 1 }, (_, i) => chance(i, trials, p)).reduce((sum, each) => sum + each, 0)

describe('binomialBounds', () => {
  test.each([
    ['no false alarm in 300 gates', 0, 300, 'high', 1 - 0.05 ** (1 / 300)],
    ['60 of 60 found', 60, 60, 'low', 0.05 ** (1 / 60)],
    ['292 of 300 found', 292, 300, 'low', 0.9524],
  ] as const)('of %s', (_, hits, trials, side, bound) => {
    expect(binomialBounds(hits, trials, 0.05)[side]).toBeCloseTo(bound, 4)
  })

  test('are the probabilities at which the count is just as unlikely as alpha', () => {
    const counts = fc
      .integer({ min: 1, max: 60 })
      .chain((trials) =>
        fc.tuple(fc.integer({ min: 0, max: trials }), fc.constant(trials), fc.constantFrom(0.025, 0.05)),
      )
    fc.assert(
      fc.property(counts, ([hits, trials, alpha]) => {
        const { low, high } = binomialBounds(hits, trials, alpha)
        expect(low).toBeLessThanOrEqual(hits / trials)
        expect(high).toBeGreaterThanOrEqual(hits / trials)
        if (hits < trials) expect(atMost(hits, trials, high)).toBeCloseTo(alpha, 6)
        else expect(high).toBe(1)
        if (hits > 0) expect(1 - atMost(hits - 1, trials, low)).toBeCloseTo(alpha, 6)
        else expect(low).toBe(0)
      }),
    )
  })
})
