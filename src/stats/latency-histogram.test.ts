import fc from 'fast-check'
import { build, decodeFromCompressedBase64 } from 'hdr-histogram-js'
import { describe, expect, test } from 'vitest'
import { LatencyHistogram } from './latency-histogram.ts'

const histogramOf = (durations: readonly number[]): LatencyHistogram => {
  const histogram = new LatencyHistogram()
  for (const ns of durations) histogram.record(ns)
  return histogram
}
const decoded = (histogram: LatencyHistogram) => decodeFromCompressedBase64(histogram.toBase64())

describe('LatencyHistogram', () => {
  test('keeps every duration to within 0.1 %, from a nanosecond to an hour', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_600_000_000_000 }), (ns) => {
        const kept = decoded(histogramOf([ns])).getValueAtPercentile(50)
        expect(Math.abs(kept - ns)).toBeLessThanOrEqual(ns / 1000)
      }),
    )
  })

  test('counts every sample and comes back whole from its text', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e10 }), { maxLength: 50 }), (durations) => {
        const histogram = histogramOf(durations)
        expect(histogram.samples).toBe(durations.length)
        expect(decoded(histogram).totalCount).toBe(durations.length)
      }),
      { numRuns: 30 },
    )
  })

  test('rounds fractions, and takes a clock that steps back for no time and a day for an hour', () => {
    const histogram = decoded(histogramOf([-5, 1.6, 86_400e9]))
    expect(histogram.totalCount).toBe(3)
    expect(histogram.getValueAtPercentile(1)).toBe(0)
    expect(histogram.getValueAtPercentile(50)).toBe(2)
    expect(histogram.maxValue / 3_600e9).toBeCloseTo(1, 2)
  })

  test('merges with another, as the rounds of several runs would', () => {
    const both = build({ autoResize: true, numberOfSignificantValueDigits: 3 })
    for (const durations of [[1000, 2000], [3000]]) both.add(decoded(histogramOf(durations)))
    expect(both.totalCount).toBe(3)
    expect(both.getValueAtPercentile(100)).toBeCloseTo(3000, -1)
  })
})
