import { expect, test } from 'vitest'
import { encodeSamples } from '../../stats/encoded-samples.ts'
import type { Timing } from '../../run/run.ts'
import { latencySummary } from './latency-summary.ts'

/** Seven rounds of one slice of 1 to `samples` µs, after a first call of 3 ms. */
const timing = (samples: number): Timing => ({
  operation: 'Q1',
  variant: 'baseline',
  driver: 'libsql',
  rounds: [1, 2, 3, 4, 5, 6, 7].map((round) => ({
    round,
    slices: [
      {
        block: 0,
        order: 0,
        firstNs: 3_000_000,
        samplesNs: encodeSamples(Float64Array.from({ length: samples }, (_, i) => (i + 1) * 1000)),
      },
    ],
  })),
})

test('levels are those of the samples, each with an interval', () => {
  const summary = latencySummary(timing(2001), 0.95)
  expect(summary?.samples).toBe(7 * 2001)
  const value = (us: number) => ({
    state: 'measured',
    rounds: 7,
    interval: { estimate: expect.closeTo(us * 1000, 3), confidence: 1 - 6 / 128 },
  })
  expect(summary).toMatchObject({
    levels: { p50: value(1001), p95: value(1901), p99: value(1981), mean: value(1001) },
    firstCall: value(3000),
  })
})

test('a quantile without samples enough beyond it is left out, and says how many there were', () => {
  const summary = latencySummary(timing(100), 0.95)
  expect(summary?.levels.p95).toEqual({ state: 'too-few-samples', mostSamples: 100 })
  expect(summary?.levels.p50.state).toBe('measured')
})

test('no samples have no quantiles', () =>
  expect(latencySummary({ ...timing(1), rounds: [] }, 0.95)).toBeUndefined())
