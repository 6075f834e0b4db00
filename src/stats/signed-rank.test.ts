import wilcoxon from '@stdlib/stats-wilcoxon'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hash32 } from '../random/random.ts'
import { hodgesLehmann, walshAverages } from './hodges-lehmann.ts'
import { signedRankBounds, signedRankCumulative, signedRankInterval } from './signed-rank.ts'

const confidence = 0.95

describe('signedRankCumulative', () => {
  test('counts the four outcomes of two coins', () => {
    expect(signedRankCumulative(2)).toEqual([0.25, 0.5, 0.75, 1])
  })

  test('gives the tabulated tail for ten values: P(W ≤ 8) = 0.0244', () => {
    expect(signedRankCumulative(10)[8]).toBe(25 / 1024)
  })

  test('is symmetric and sums to 1', () => {
    for (let n = 1; n <= 30; n++) {
      const cumulative = signedRankCumulative(n)
      const top = cumulative.length - 1
      expect(cumulative.at(-1)).toBe(1)
      for (let w = 0; w < top; w++) {
        expect((cumulative[w] ?? 0) + (cumulative[top - w - 1] ?? 0)).toBeCloseTo(1, 12)
      }
    }
  })
})

describe('signedRankInterval', () => {
  const intervalOf = (values: readonly number[], asked = confidence) =>
    signedRankInterval(values, asked, hodgesLehmann(values))

  test('needs six values for 95 %, and then spans all of them', () => {
    expect(intervalOf([1, 2, 3, 4, 5])).toBeUndefined()
    expect(intervalOf([1, 2, 3, 4, 5, 6])).toEqual({ estimate: 3.5, low: 1, high: 6, confidence: 1 - 2 / 64 })
  })

  test('has nothing to say of no values', () => expect(signedRankInterval([], confidence, 0)).toBeUndefined())

  test('gives the 96.1 % interval of Hollander & Wolfe for the depression scores of their Table 3.1', () => {
    const differences = [-0.952, 0.147, -1.022, -0.43, -0.62, -0.59, -0.49, 0.08, -0.01]
    const interval = intervalOf(differences)
    expect(interval?.estimate).toBeCloseTo(-0.46, 9)
    expect(interval?.low).toBeCloseTo(-0.786, 9)
    expect(interval?.high).toBeCloseTo(-0.01, 9)
    expect(interval?.confidence).toBeCloseTo(0.961, 3)
  })

  test('holds exactly the centres that the signed-rank test of stdlib does not reject', () => {
    const distinct = fc.uniqueArray(fc.integer({ min: -5000, max: 5000 }), { minLength: 6, maxLength: 15 })
    fc.assert(
      fc.property(distinct, (integers) => {
        // Irrational steps keep all Walsh averages apart, so that no test meets ties.
        const values = integers.map((value) => value + Math.sqrt(Math.abs(value) + 1) * Math.PI * 1e-3)
        const interval = intervalOf(values)
        if (interval === undefined) throw new Error('six values give an interval')
        const pValue = (centre: number): number => wilcoxon(values, { mu: centre }).pValue
        const step = smallestGap(walshAverages(values)) / 2
        fc.pre(step > 1e-9)
        const alpha = 1 - interval.confidence
        expect(pValue(interval.low - step)).toBeLessThanOrEqual(alpha + 1e-9)
        expect(pValue(interval.high + step)).toBeLessThanOrEqual(alpha + 1e-9)
        expect(pValue(interval.low + step)).toBeGreaterThan(alpha + 1e-9)
        expect(pValue(interval.high - step)).toBeGreaterThan(alpha + 1e-9)
        expect(pValue(interval.low + step)).toBeGreaterThan(1 - confidence)
      }),
      { numRuns: 60 },
    )
  })

  test('covers the centre as often as it says, and an interval one rank narrower does not', () => {
    const trials = 20_000
    for (const n of [6, 7, 10]) {
      let covered = 0
      let coveredOneRankIn = 0
      let claimed = 0
      for (let trial = 0; trial < trials; trial++) {
        const values = Array.from({ length: n }, (_, i) => hash32(n, trial * n + i) / 2 ** 32 - 0.5)
        const interval = intervalOf(values)
        if (interval === undefined) throw new Error('six values give an interval')
        claimed = interval.confidence
        expect(claimed).toBeGreaterThanOrEqual(confidence)
        const averages = walshAverages(values)
        const at = averages.indexOf(interval.low)
        if (interval.low <= 0 && 0 <= interval.high) covered++
        if ((averages[at + 1] ?? 0) <= 0 && 0 <= (averages.at(-2 - at) ?? 0)) coveredOneRankIn++
      }
      // Seeded, so it cannot flake; five standard errors also leave room for another seed.
      const margin = 5 * Math.sqrt((claimed * (1 - claimed)) / trials)
      expect(Math.abs(covered / trials - claimed)).toBeLessThan(margin)
      expect(claimed - coveredOneRankIn / trials).toBeGreaterThan(margin)
    }
  })

  test('mirrors, moves and scales with its values', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 6, maxLength: 12 })
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: 1, max: 9 }),
        (sample, by, times) => {
          const interval = intervalOf(sample)
          const mirrored = intervalOf(sample.map((value) => -value))
          expect(mirrored?.low).toBeCloseTo(-(interval?.high ?? 0))
          expect(mirrored?.high).toBeCloseTo(-(interval?.low ?? 0))
          const moved = intervalOf(sample.map((value) => value * times + by))
          expect(moved?.low).toBeCloseTo((interval?.low ?? 0) * times + by)
          expect(moved?.high).toBeCloseTo((interval?.high ?? 0) * times + by)
        },
      ),
    )
  })

  test('grows with the confidence asked for', () => {
    const values = [3, -1, 4, 1.5, -5, 9, 2.6, 5.3, 5.8, 9.7]
    const [narrow, wide] = [intervalOf(values, 0.8), intervalOf(values, 0.99)]
    expect(wide?.low).toBeLessThan(narrow?.low ?? 0)
    expect(wide?.high).toBeGreaterThan(narrow?.high ?? 0)
  })
})

describe('signedRankBounds', () => {
  const alphas = [1 / 256, 0.003, 0.003 / 3, 0.025]

  test('need n values for 2^−n, and then are the smallest and the largest', () => {
    const values = [5, 1, 4, 2, 3, 8, 7, 6]
    expect(signedRankBounds(values, 1 / 257)).toBeUndefined()
    expect(signedRankBounds(values, 1 / 256)).toEqual({
      low: { value: 1, alpha: 1 / 256 },
      high: { value: 8, alpha: 1 / 256 },
    })
    expect(signedRankBounds([], 0.5)).toBeUndefined()
  })

  test('are the ends of the two-sided interval with twice the error', () => {
    const values = [3, -1, 4, 1.5, -5, 9, 2.6, 5.3, 5.8, 9.7]
    const interval = signedRankInterval(values, 0.95, 0)
    const bounds = signedRankBounds(values, 0.025)
    expect([bounds?.low.value, bounds?.high.value]).toEqual([interval?.low, interval?.high])
    expect(1 - 2 * (bounds?.low.alpha ?? 0)).toBe(interval?.confidence)
  })

  test('are where the one-sided test of stdlib begins to reject', () => {
    const values = fc.uniqueArray(fc.integer({ min: -5000, max: 5000 }), { minLength: 8, maxLength: 18 })
    fc.assert(
      fc.property(values, fc.constantFrom(...alphas), (integers, alpha) => {
        const sample = integers.map((value) => value + Math.sqrt(Math.abs(value) + 1) * Math.PI * 1e-3)
        const bounds = signedRankBounds(sample, alpha)
        fc.pre(bounds !== undefined)
        const step = smallestGap(walshAverages(sample)) / 2
        fc.pre(step > 1e-9)
        const rejects = (mu: number, alternative: 'greater' | 'less'): boolean =>
          wilcoxon(sample, { mu, alternative }).pValue <= alpha + 1e-9
        const low = bounds?.low.value ?? 0
        const high = bounds?.high.value ?? 0
        expect(rejects(low - step, 'greater')).toBe(true)
        expect(rejects(low + step, 'greater')).toBe(false)
        expect(rejects(high + step, 'less')).toBe(true)
        expect(rejects(high - step, 'less')).toBe(false)
      }),
      { numRuns: 60 },
    )
  })

  test('fail as often as they say: for symmetric noise of any width, round by round', () => {
    const trials = 15_000
    for (const [n, alpha] of [
      [8, 1 / 256],
      [12, 0.003],
      [18, 0.003],
    ] as const) {
      let above = 0
      let below = 0
      let exact = 0
      for (let trial = 0; trial < trials; trial++) {
        const values = Array.from({ length: n }, (_, i) => {
          const u = hash32(n + 100, trial * n + i) / 2 ** 32 - 0.5
          return u * 10 ** (i % 3)
        })
        const bounds = signedRankBounds(values, alpha)
        exact = bounds?.low.alpha ?? 1
        expect(exact).toBeLessThanOrEqual(alpha)
        if ((bounds?.low.value ?? 0) > 0) above++
        if ((bounds?.high.value ?? 0) < 0) below++
      }
      const margin = 5 * Math.sqrt((exact * (1 - exact)) / trials)
      expect(Math.abs(above / trials - exact)).toBeLessThan(margin)
      expect(Math.abs(below / trials - exact)).toBeLessThan(margin)
    }
  })
})

const smallestGap = (sorted: readonly number[]): number =>
  Math.min(...sorted.slice(1).map((value, i) => value - (sorted[i] ?? 0)))
