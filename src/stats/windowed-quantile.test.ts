import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hash32 } from '../random/random.ts'
import { betaCdf, studentQuantile } from './beta.ts'
import { longRunVariance } from './long-run-variance.ts'
import { dispersionOf, effectiveSamples, rankShares, shareBounds } from './windowed-quantile.ts'

/** P(Bin(n, p) < r), by its sum. */
function binomialBelow(r: number, n: number, p: number): number {
  let [term, sum] = [(1 - p) ** n, 0]
  for (let k = 0; k < r; k++) {
    sum += term
    term *= ((n - k) / (k + 1)) * (p / (1 - p))
  }
  return sum
}

describe('order statistics around a quantile', () => {
  test('of independent samples have the ranks of the binomial distribution, and no others', () => {
    fc.assert(
      fc.property(fc.integer({ min: 80, max: 200 }), fc.constantFrom(0.5, 0.9, 0.95), (n, q) => {
        const { low, high } = rankShares(q, n, 0.95)
        const [l, u] = [Math.floor(low * (n + 1)), Math.ceil((high ?? NaN) * (n + 1))]
        // The quantile is below the l-th with at most 2.5 %, and the next rank would be one too many.
        expect(binomialBelow(l, n, q)).toBeLessThanOrEqual(0.025 + 1e-4)
        expect(binomialBelow(l + 1, n, q)).toBeGreaterThan(0.025 - 1e-4)
        expect(1 - binomialBelow(u, n, q)).toBeLessThanOrEqual(0.025 + 1e-4)
        expect(1 - binomialBelow(u - 1, n, q)).toBeGreaterThan(0.025 - 1e-4)
      }),
    )
  })

  test('bound P95 from above from 72 samples on', () => {
    expect(rankShares(0.95, 71, 0.95).high).toBeNull()
    expect(rankShares(0.95, 72, 0.95).high).toBeCloseTo(72 / 73, 4)
  })
})

test('the incomplete beta function is the binomial sum', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 60 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      (a, b, p) => {
        const n = a + b
        expect(1 - betaCdf(p, a, n - a + 1)).toBeCloseTo(binomialBelow(a, n, p), 9)
      },
    ),
  )
})

test('quantiles of Student are those of the tables', () => {
  expect([1, 5, 15, 1e6].map((df) => Number(studentQuantile(0.975, df).toFixed(3)))).toEqual([
    12.706, 2.571, 2.131, 1.96,
  ])
})

test('a share has the bounds of Clopper and Pearson', () => {
  expect(shareBounds(0, 100, 0.95)).toMatchObject({ low: 0, high: expect.closeTo(0.03622, 4) })
  expect(shareBounds(0.05, 100, 0.95).low).toBeCloseTo(0.01643, 4)
  expect(shareBounds(0.05, 100, 0.95).high).toBeCloseTo(0.11283, 4)
  expect(shareBounds(1, 100, 0.95).high).toBe(1)
})

describe('dispersion', () => {
  test('is 1 of what comes alone, and the size of the bunches of what comes in them', () => {
    const of = (bunch: number) =>
      dispersionOf(
        Array.from({ length: 400 }, (_, i) => ({
          samples: 1000,
          hits: Math.floor((3 * hash32(5, i)) / 2 ** 32) * bunch,
        })),
      ).factor
    expect(of(10) / of(1)).toBeCloseTo(10, 0)
  })

  test('leaves out a steady drift, and refuses what swings slower than a batch', () => {
    const windows = (hits: (i: number) => number) =>
      Array.from({ length: 32 }, (_, i) => ({ samples: 200, hits: hits(i) }))
    expect(dispersionOf(windows((i) => i + (i % 2)))).toMatchObject({ kind: 'estimated', factor: 0.5 })
    expect(dispersionOf(windows((i) => 10 + Math.round(8 * Math.sin(i / 3))))).toMatchObject({
      kind: 'refused',
      reason: 'slow swings',
    })
  })

  test('from few batches counts for less than the same one that is known', () => {
    const known = { kind: 'estimated', factor: 2, degreesOfFreedom: 1e6 } as const
    expect(effectiveSamples(1000, known, 0.95)).toBeCloseTo(500, 0)
    expect(effectiveSamples(1000, { ...known, degreesOfFreedom: 10 }, 0.95)).toBeLessThan(400)
  })

  test('has as many batches as degrees of freedom, and two', () => {
    const deviations = Array.from({ length: 100 }, (_, i) => (i % 5) - 2)
    expect(longRunVariance(deviations)).toMatchObject({ degreesOfFreedom: 14 })
    expect(longRunVariance(deviations.slice(0, 9))).toBeNull()
  })
})
