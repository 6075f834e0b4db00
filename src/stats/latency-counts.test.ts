import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  atInfinity,
  decodeLatencies,
  latencyMeanNs,
  latencyQuantileNs,
  mergeLatencies,
  noLatencies,
} from './latency-counts.ts'
import { LatencyHistogram } from './latency-histogram.ts'

const countsOf = (durations: readonly number[]) => {
  const histogram = new LatencyHistogram()
  for (const ns of durations) histogram.record(ns)
  return decodeLatencies(histogram.toBase64())
}

const durations = fc.array(fc.integer({ min: 1, max: 60_000_000_000 }), { minLength: 1, maxLength: 200 })

describe('latencies read from a histogram', () => {
  test('are as many as were recorded, each at most 0.1 % too long', () => {
    fc.assert(
      fc.property(durations, (recorded) => {
        const { samples, valuesNs, counts } = countsOf(recorded)
        expect(samples).toBe(recorded.length)
        const sorted = recorded.toSorted((a, b) => a - b)
        valuesNs
          .flatMap((value, i) => Array<number>(counts[i] ?? 0).fill(value))
          .forEach((value, i) => {
            const exact = sorted[i] ?? NaN
            expect(value).toBeGreaterThanOrEqual(exact)
            expect(value).toBeLessThanOrEqual(exact * 1.001 + 1)
          })
      }),
    )
  })

  test('have the quantile of nearest rank', () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 1, max: 1000 }), (recorded, perMille) => {
        const exact = recorded.toSorted((a, b) => a - b)[Math.ceil((perMille * recorded.length) / 1000) - 1]
        const found = latencyQuantileNs(countsOf(recorded), perMille / 1000)
        expect(found).toBeGreaterThanOrEqual(exact ?? NaN)
        expect(found).toBeLessThanOrEqual((exact ?? NaN) * 1.001 + 1)
      }),
    )
  })

  test('merge into what one histogram of all would have held', () => {
    fc.assert(
      fc.property(fc.array(durations, { maxLength: 5 }), (parts) => {
        expect(mergeLatencies(parts.map(countsOf))).toEqual(countsOf(parts.flat()))
      }),
    )
  })

  test('have a mean', () => {
    expect(latencyMeanNs(countsOf([1000, 2000, 3000]))).toBeCloseTo(2000, -1)
    expect(latencyMeanNs(noLatencies)).toBeNaN()
    expect(latencyQuantileNs(noLatencies, 0.95)).toBeNaN()
  })

  test.each(['', 'nonsense', 'HISTFAAAAC54nJNpmSzMwMDA'])('are refused when the text is %j', (text) => {
    expect(() => decodeLatencies(text)).toThrow(RangeError)
  })
})

describe('failed requests as the slowest', () => {
  const all = countsOf([100, 200, 300, 400, 500])

  test('leave their times and stand at infinity', () => {
    const judged = atInfinity(all, countsOf([100, 200]))
    expect(judged.samples).toBe(5)
    expect(judged.valuesNs).toEqual([300, 400, 500, Infinity])
    expect(latencyQuantileNs(judged, 0.6)).toBe(500)
    expect(latencyQuantileNs(judged, 0.61)).toBe(Infinity)
  })

  test('are taken for the fastest when their times are not known', () => {
    expect(atInfinity(all, 2)).toEqual(atInfinity(all, countsOf([100, 200])))
  })

  test('never make a quantile smaller', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0.01, max: 1, noNaN: true }), fc.nat(), (recorded, q, pick) => {
        const failed = recorded.slice(0, pick % (recorded.length + 1))
        const before = latencyQuantileNs(countsOf(recorded), q)
        expect(latencyQuantileNs(atInfinity(countsOf(recorded), countsOf(failed)), q)).toBeGreaterThanOrEqual(
          before,
        )
      }),
    )
  })
})
