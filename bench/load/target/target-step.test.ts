import { describe, expect, test } from 'vitest'
import type { RequestAccount, LoadMeasurement, LoadSlice } from '../../../src/run/load/load-run.ts'
import { LatencyHistogram } from '../../../src/stats/latency-histogram.ts'
import { coresBetween, passes, targetStep } from './target-step.ts'

const cores = { api: 0.5, sqld: null, sender: 0.3 }

const histogram = (durationsMs: readonly number[]): string => {
  const all = new LatencyHistogram()
  for (const ms of durationsMs) all.record(ms * 1e6)
  return all.toBase64()
}

const slice = (durationsMs: readonly number[], more: Partial<LoadSlice> = {}): LoadSlice => ({
  second: 3,
  op: 'list',
  phase: 'measured',
  requests: durationsMs.length,
  failed: 0,
  service: histogram(durationsMs),
  response: histogram(durationsMs),
  ...more,
})

const entry: RequestAccount = {
  op: 'list',
  planned: 1000,
  sent: 1000,
  neverSent: 0,
  answered: { 200: 1000 },
  refused: 0,
  timedOut: 0,
  closed: 0,
  broken: 0,
  abandoned: 0,
}

const measurement = (slices: readonly LoadSlice[], accounting: readonly RequestAccount[] = [entry]) =>
  ({
    slices,
    accounting,
    lateness: { samples: 1, p50Ns: 0, p99Ns: 1_500_000, maxNs: 0 },
  }) as unknown as LoadMeasurement

const fast = Array.from({ length: 1000 }, () => 10)

describe('a step of the search', () => {
  test('passes with P95 below 200 ms, nearly no errors, and nearly all sent', () => {
    const step = targetStep(measurement([slice(fast)]), cores)
    expect(step).toMatchObject({
      errorShare: 0,
      lateP99Ms: 1.5,
      sentShare: 1,
      failures: '',
    })
    expect(step.p95Ms).toBeCloseTo(10, 1)
    expect(passes(step)).toBe(true)
  })

  test('does not see the warm-up', () => {
    const slow = slice(
      fast.map(() => 900),
      { second: 0, phase: 'warm-up' },
    )
    expect(passes(targetStep(measurement([slow, slice(fast)]), cores))).toBe(true)
  })

  test('fails with one request in twenty above 200 ms', () => {
    const slow = fast.map((ms, i) => (i % 19 === 0 ? 250 : ms))
    expect(passes(targetStep(measurement([slice(slow)]), cores))).toBe(false)
  })

  test('fails with errors, however fast they were, and names them', () => {
    const failing = slice(fast, { failed: 2 })
    const accounting = [{ ...entry, answered: { 200: 997, 429: 1, 503: 1 }, timedOut: 1 }]
    const step = targetStep(measurement([failing], accounting), cores)
    expect(passes(step)).toBe(false)
    expect(step.failures).toBe('429: 1, 503: 1, timedOut: 1')
  })

  test('fails when the sender did not put the rate on', () => {
    const accounting = [{ ...entry, sent: 980, neverSent: 20 }]
    expect(passes(targetStep(measurement([slice(fast)], accounting), cores))).toBe(false)
  })

  test('of which nothing came fails', () => {
    expect(passes(targetStep(measurement([], []), cores))).toBe(false)
  })
})

describe('cores between two moments', () => {
  test('are the processor time used per time', () => {
    const samples = [0, 1, 2, 3].map((s) => ({
      atMs: s * 1000,
      cpuSeconds: s * s,
      rssBytes: 0,
      processes: 1,
    }))
    expect(coresBetween(samples, 900, 2100)).toBe(3)
    expect(coresBetween(samples, 1500, 1600)).toBeNaN()
  })
})
