import { expect, test } from 'vitest'
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { latencySummary } from './latency-summary.ts'

/** A timing of 1 to `samples` µs. */
function timing(samples: number): Parameters<typeof latencySummary>[0] {
  const histogram = new LatencyHistogram()
  for (let us = 1; us <= samples; us++) histogram.record(us * 1000)
  const one = { round: [1], block: [0], order: [0], samples: [samples], sumNs: [samples * 1e6] }
  const slices = { ...one, p50Ns: [1], p95Ns: [1], p99Ns: [1] }
  return { operation: 'Q1', variant: 'baseline', driver: 'libsql', histogram: histogram.toBase64(), slices }
}

test('quantiles come back from the histogram within 0.1 %', () => {
  const summary = latencySummary(timing(20_000))
  expect((summary?.p50Ns ?? 0) / 10_000_000).toBeCloseTo(1, 2.7)
  expect((summary?.p95Ns ?? 0) / 19_000_000).toBeCloseTo(1, 2.7)
  expect((summary?.p99Ns ?? 0) / 19_800_000).toBeCloseTo(1, 2.7)
  expect((summary?.p999Ns ?? 0) / 19_980_000).toBeCloseTo(1, 2.7)
  expect(summary).toMatchObject({ samples: 20_000, samplesPerSec: 1000 })
})

test('a quantile is null where too few samples lie beyond it', () => {
  expect(latencySummary(timing(99))?.p99Ns).toBeNull()
  expect(latencySummary(timing(100))?.p99Ns).not.toBeNull()
  expect(latencySummary(timing(9_999))?.p999Ns).toBeNull()
  expect(latencySummary(timing(10_000))?.p999Ns).not.toBeNull()
})

test('no samples have no quantiles', () => expect(latencySummary(timing(0))).toBeUndefined())
