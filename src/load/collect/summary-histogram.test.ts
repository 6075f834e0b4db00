import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { podSummaryOf, type PodRequest } from '../../../fixtures/load/pod-run.ts'
import { judgeLoad } from '../../judge/load/judge-load.ts'
import { decodeLatencies, latencyQuantileNs, mergeLatencies } from '../../stats/latency-counts.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { mergeParts } from './merge-parts.ts'
import { partOfSummary } from './part-of-summary.ts'
import { podSummary } from './pod-summary.ts'

/** Durations of up to four pods, around bounds that thresholds may have. */
const pods = fc.array(
  fc.array(
    fc.record({
      ms: fc.oneof(
        fc.double({ min: 0.01, max: 400, noNaN: true }),
        fc.constantFrom(200, 199.999, 200.001, 50),
      ),
      fails: fc.integer({ min: 0, max: 30 }).map((n) => n === 0),
    }),
    { minLength: 10, maxLength: 200 },
  ),
  { minLength: 1, maxLength: 4 },
)

const thresholds = { http_req_duration: ['p(95)<200', 'p(50)<=50', 'p(90)<350'] }

const requestsOf = (
  pod: readonly { readonly ms: number; readonly fails: boolean }[],
): readonly PodRequest[] =>
  pod.map(({ ms, fails }) => ({ op: 'list', ms, ...(fails ? { unexpected: '503' } : {}) }))

function merged(all: readonly (readonly PodRequest[])[]) {
  const parts = all.map((requests, i) => {
    const variables = { THRESHOLDS: JSON.stringify(thresholds) }
    const summary = podSummaryOf({ requests, variables, finishedAtMs: i })
    return partOfSummary(podSummary.parse(JSON.parse(JSON.stringify(summary))), `pod ${i}`)
  })
  const [first, ...others] = parts
  if (first === undefined) throw new RangeError('no pod')
  return { first, measurement: mergeParts([first, ...others]) }
}

/** By nearest rank, a failed request slower than any bound. */
function exactQuantileMs(requests: readonly PodRequest[], q: number): number {
  const sorted = requests
    .map(({ ms, unexpected }) => (unexpected === undefined ? ms : Infinity))
    .toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length - 1e-9 * sorted.length) - 1)] ?? NaN
}

describe('summaries of pods, merged', () => {
  it('judge every percentile threshold as all requests in one list do', () => {
    fc.assert(
      fc.property(pods, (durations) => {
        const all = durations.map(requestsOf)
        const { first, measurement } = merged(all)
        const run = {
          settings: first.settings,
          thresholds: first.thresholds,
          measurement,
          reconciliation: { received: null, rows: [] },
          environment: { cpus: 2 },
          status: 'complete',
          profile: first.profile,
        } as unknown as LoadRun
        const { thresholds } = judgeLoad(run)
        const every = all.flat()
        const holds = [
          exactQuantileMs(every, 0.95) < 200,
          exactQuantileMs(every, 0.5) <= 50,
          exactQuantileMs(every, 0.9) < 350,
        ]
        const bounds = [(ms: number) => ms < 200, (ms: number) => ms <= 50, (ms: number) => ms < 350]
        thresholds.forEach(({ measured, status }, i) => {
          if (measured !== null) expect(bounds[i]?.(measured)).toBe(holds[i])
          // What is decided is decided by bounds around what was measured; a time that is just at a bound is left open, by few
          // samples or by what pods cannot know of themselves.
          expect([holds[i] === true ? 'pass' : 'fail', 'inconclusive', 'invalid']).toContain(status)
        })
        if (every.length < 20) expect(thresholds[0]?.measured).toBeNull()
      }),
      { numRuns: 40 },
    )
  })

  it('have percentiles whose rank is right to the percentiles of the summaries', () => {
    fc.assert(
      fc.property(pods, fc.double({ min: 0.9, max: 0.999, noNaN: true }), (durations, q) => {
        const all = durations.map((pod) => requestsOf(pod.map(({ ms }) => ({ ms, fails: false }))))
        const every = all.flat()
        const { measurement } = merged(all)
        const latencies = mergeLatencies(measurement.slices.map(({ service }) => decodeLatencies(service)))
        expect(latencies.samples).toBe(every.length)
        const foundMs = latencyQuantileNs(latencies, q) / 1e6
        // 0.1 % of the requests, and one rank for every pod, whose percentiles lie between two requests.
        const ranks = 0.001 + (all.length + 1) / every.length
        expect(foundMs).toBeGreaterThanOrEqual(exactQuantileMs(every, Math.max(0, q - ranks)) * 0.998)
        expect(foundMs).toBeLessThanOrEqual(exactQuantileMs(every, Math.min(1, q + ranks)) * 1.002)
      }),
      { numRuns: 40 },
    )
  })

  it('of a hundred thousand requests take no hundred thousand steps', () => {
    const requests = Array.from({ length: 100_000 }, (_, i): PodRequest => ({
      op: 'list',
      ms: 1 + (i % 1000) / 10,
    }))
    const { measurement } = merged([requests])
    const [slice] = measurement.slices
    const latencies = decodeLatencies(slice?.service ?? '')
    expect(latencies.samples).toBe(100_000)
    expect(latencyQuantileNs(latencies, 0.95) / 1e6).toBeCloseTo(95.9, 0)
  })
})
