import { describe, expect, test } from 'vitest'
import { healthy, sampleLoadRun, sampleMeasurement } from '../../../fixtures/runs/sample-load-run.ts'
import type { LoadMeasurement, LoadRun } from '../../run/load/load-run.ts'
import { judgeLoad, loadExitCode } from './judge-load.ts'

/** 500 requests a second for 22 s, the target known: 95 of 100 take 20 ms and 5.8 of 100 the tail. */
const served = (tailMs: number, tailShare = 0.08): LoadMeasurement =>
  sampleMeasurement((request) => ({
    ...healthy(request),
    serviceMs: request.random() < tailShare ? tailMs : 20,
  }))

const fast = served(60)
const slow = served(6000)
const [worker] = fast.workers
if (worker === undefined) throw new Error('the sample has a worker')

const judged = (
  measurement: LoadMeasurement,
  expression: string,
  change: Partial<LoadMeasurement> = {},
  run: Partial<LoadRun> = {},
) => {
  const whole = {
    ...sampleLoadRun({ ...measurement, ...change }),
    thresholds: [{ metric: 'http_req_duration', expression }],
    ...run,
  }
  const verdict = judgeLoad(whole)
  return { ...verdict, exit: loadExitCode(verdict, whole) }
}

const late = (p99Ms: number, maxMs = p99Ms): Partial<LoadMeasurement> => ({
  lateness: { samples: 9000, p50Ns: 1e6, p99Ns: p99Ms * 1e6, maxNs: maxMs * 1e6 },
})

describe('sends that were late by 30 ms', () => {
  test('are no excuse for a P95 of 6 s over a limit of 200 ms: FAIL', () => {
    const found = judged(slow, 'p(95)<200', late(30))
    expect(found).toMatchObject({ status: 'fail', exit: 1, invalid: [] })
    expect(found.doubts).toEqual([
      expect.stringMatching(/^requests were sent late: 30\.0 ms at P99, 10\.0 ms/),
    ])
  })

  test('cannot have made a P95 of 60 ms hold 200 ms: PASS', () => {
    expect(judged(fast, 'p(95)<200', late(30))).toMatchObject({ status: 'pass', exit: 0, invalid: [] })
  })

  test('may be all that is above the limit: INVALID, and the reason is named', () => {
    // Service takes 60 ms, and 60.2 ms are from the intended start.
    const found = judged(fast, 'p(95)<60.1', late(30))
    expect(found).toMatchObject({ status: 'invalid', exit: 4, doubts: [] })
    expect(found.invalid).toEqual([expect.stringContaining('requests were sent late')])
  })

  test('are not INVALID where the limit is within the interval anyway: INCONCLUSIVE', () => {
    const near = served(60, 0.05)
    expect(judged(near, 'p(95)<40', late(30))).toMatchObject({ status: 'inconclusive', exit: 3 })
  })

  test('by seconds in a few requests leave a failure certain in the rest', () => {
    expect(judged(slow, 'p(95)<200', late(30, 9000)).status).toBe('fail')
  })
})

test('service times, which do not hold the lateness, pass when response times do', () => {
  const thresholds = [{ metric: 'service_time', expression: 'p(95)<200' }]
  expect(judged(fast, '', late(30), { thresholds }).status).toBe('pass')
  const near = [{ metric: 'service_time', expression: 'p(95)<60.1' }]
  expect(judged(fast, '', late(30), { thresholds: near }).status).toBe('invalid')
})

describe('requests that were never sent', () => {
  const dropped = (count: number): Partial<LoadMeasurement> => ({
    accounting: fast.accounting.map((entry) =>
      entry.op === 'list'
        ? { ...entry, planned: entry.planned + count, neverSent: entry.neverSent + count }
        : entry,
    ),
  })

  test('count as slower than anything for a pass', () => {
    expect(judged(fast, 'p(95)<200', dropped(3))).toMatchObject({
      status: 'pass',
      doubts: ['3 of 11,753 requests (0.03 %) were due and never sent'],
    })
    expect(judged(fast, 'p(95)<200', dropped(1200))).toMatchObject({ status: 'invalid', exit: 4 })
  })

  test('count as answered at once for a failure', () => {
    expect(judged(fast, 'p(95)<50', dropped(300)).status).toBe('fail')
    expect(judged(fast, 'p(95)<50', dropped(9000)).status).toBe('invalid')
  })

  test('count as failed for a limit on failures, or as answered', () => {
    const failed = (expression: string, count: number) =>
      judged(fast, '', dropped(count), { thresholds: [{ metric: 'http_req_failed', expression }] }).status
    expect(failed('rate<0.01', 3)).toBe('pass')
    expect(failed('rate<0.01', 300)).toBe('invalid')
    // Five of 11,003 did fail.
    expect(failed('rate<0.0001', 3)).toBe('fail')
    expect(failed('rate<0.0004', 3)).toBe('inconclusive')
  })
})

describe('less load than was asked for', () => {
  const model = { kind: 'open-model', ratePerSec: 600, spacing: 'uniform' } as const
  const settings = { ...sampleLoadRun(fast).settings, model }

  test('fails where even that was too much, and passes nothing', () => {
    expect(judged(slow, 'p(95)<200', {}, { settings })).toMatchObject({ status: 'fail', exit: 1 })
    const found = judged(fast, 'p(95)<200', {}, { settings })
    expect(found).toMatchObject({ status: 'invalid', exit: 4 })
    expect(found.invalid).toEqual(['the rate asked for was not reached: 500 of 600 req/s (83.3 %)'])
  })
})

describe('a sender', () => {
  test('without CPU to spare is INVALID only where that can have decided', () => {
    const saturated = { workers: [{ ...worker, cpuShare: 0.97 }], ...late(1) }
    expect(judged(slow, 'p(95)<200', saturated).status).toBe('fail')
    expect(judged(fast, 'p(95)<200', saturated).status).toBe('pass')
    const k6 = {
      ...saturated,
      workers: [{ ...worker, cpuShare: 1.94, loopUtilization: null, loopLagP99Ns: null, loopLagMaxNs: null }],
    }
    expect(judged(fast, 'p(95)<50', k6).status).toBe('invalid')
  })

  test('without a schedule whose event loop was blocked sent less load than it could: it passes nothing', () => {
    const settings = { ...sampleLoadRun(fast).settings, model: { kind: 'peak' } as const }
    const blocked = { lateness: null, workers: [{ ...worker, loopLagP99Ns: 11e6 }] }
    expect(judged(fast, 'p(95)<200', blocked, { settings }).status).toBe('invalid')
    expect(judged(slow, 'p(95)<200', blocked, { settings }).status).toBe('fail')
  })

  test('that could not hold its connections fails by service times alone', () => {
    const connections = { opened: 60, reopened: 0, peak: 60 }
    expect(judged(slow, 'p(95)<200', { connections }).status).toBe('fail')
    expect(judged(fast, 'p(95)<200', { connections })).toMatchObject({
      status: 'invalid',
      invalid: ['only 60 of 64 connections could be held'],
    })
  })
})

describe('k6 on a starved machine', () => {
  /** As k6 measures: no intended start, and threads that waited for 80 % of the time in which they wanted to run. */
  const asK6 = (measurement: LoadMeasurement): LoadMeasurement => ({
    ...measurement,
    lateness: null,
    slices: measurement.slices.map((slice) => ({ ...slice, response: null })),
    workers: [{ ...worker, loopUtilization: null, loopLagP99Ns: null, loopLagMaxNs: null }],
  })
  const starved = {
    samples: 2000,
    timerLag: { p50Ns: 150_000, p99Ns: 14e6, maxNs: 55e6 },
    cpuUtilization: 1,
    cpuSteal: 0,
    cpuPressure: 0.97,
    senders: { ranNs: 2e9, waitedNs: 8e9 },
  }
  const settings = { ...sampleLoadRun(fast).settings, engine: 'k6' } as const

  test('is INVALID: 60 ms may be 12 ms of the target, and as much may be missing', () => {
    const found = judged(asK6(fast), 'p(95)<50', {}, { settings, host: starved })
    expect(found).toMatchObject({ status: 'invalid', exit: 4 })
    expect(found.invalid).toEqual([
      expect.stringMatching(/^other work kept the processors of this machine busy: a wait of 14\.0 ms/),
    ])
    expect(judged(asK6(fast), 'p(95)<200', {}, { settings, host: starved }).status).toBe('invalid')
  })

  test('passes where five times as long and the longest wait would pass, and fails where a fifth would fail', () => {
    expect(judged(asK6(fast), 'p(95)<500', {}, { settings, host: starved }).status).toBe('pass')
    expect(judged(asK6(slow), 'p(95)<200', {}, { settings, host: starved }).status).toBe('fail')
  })

  test('is judged by what its threads waited for a request, where an idle process gets its turn in time', () => {
    const host = {
      ...starved,
      timerLag: { p50Ns: 1e5, p99Ns: 1e6, maxNs: 2e6 },
      senders: { ranNs: 1e9, waitedNs: 60e9 },
    }
    expect(judged(asK6(fast), 'p(95)<50', {}, { settings, host }).status).toBe('invalid')
    const idle = { ...host, senders: { ranNs: 2e9, waitedNs: 2e9 } }
    expect(judged(asK6(fast), 'p(95)<50', {}, { settings, host: idle }).status).toBe('fail')
  })

  test('is INVALID when iterations took much longer than their requests, though nobody else saw it', () => {
    const drifting = { ...asK6(fast), iterations: { count: 1000, meanNs: 90e6, driftNs: 30e6 } }
    const found = judged(drifting, 'p(95)<50', {}, { settings })
    expect(found).toMatchObject({ status: 'invalid', exit: 4 })
    expect(found.invalid).toEqual([
      expect.stringMatching(/^k6 took 30\.0 ms of an iteration for itself, 2\.50 ms allowed/),
    ])
    const steady = { ...asK6(fast), iterations: { count: 1000, meanNs: 62e6, driftNs: 1e6 } }
    expect(judged(steady, 'p(95)<50', {}, { settings }).status).toBe('fail')
  })

  test('where `open` passes, whose response times hold every wait', () => {
    expect(judged(fast, 'p(95)<200', {}, { host: starved }).status).toBe('pass')
  })
})

test('a load without thresholds is INVALID when it is doubtful: nothing has bounds to hold', () => {
  expect(judged(fast, '', late(30), { thresholds: [] })).toMatchObject({ status: 'invalid', exit: 4 })
})
