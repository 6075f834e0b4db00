import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  healthy,
  sampleLoadRun,
  sampleMeasurement,
  type Fate,
} from '../../../fixtures/runs/sample-load-run.ts'
import type { RequestAccount, LoadMeasurement, LoadRun } from '../../run/load/load-run.ts'
import { judgeLoad, loadExitCode } from './judge-load.ts'

const sample = sampleLoadRun()
const changed = (change: Partial<LoadMeasurement>, run = sample): LoadRun => ({
  ...run,
  measurement: { ...run.measurement, ...change },
})
const withSettings = (change: Partial<LoadRun['settings']>, run = sample): LoadRun => ({
  ...run,
  settings: { ...run.settings, ...change },
})
const withAccount = (op: string, change: Partial<RequestAccount>): LoadRun =>
  changed({
    accounting: sample.measurement.accounting.map((entry) =>
      entry.op === op ? { ...entry, ...change } : entry,
    ),
  })
const [listEntry] = sample.measurement.accounting.filter(({ op }) => op === 'list')
if (listEntry === undefined) throw new Error('the sample has lists')
const [worker] = sample.measurement.workers
if (worker === undefined) throw new Error('the sample has a worker')

const judged = (run: LoadRun) => {
  const verdict = judgeLoad(run)
  return { ...verdict, exit: loadExitCode(verdict, run) }
}

/** A target that fails from a moment on. */
const dying =
  (fromSecond: number, ending: 'refused' | 'closed' | 'timedOut', serviceMs: number) => (request: Fate) =>
    request.at < fromSecond
      ? healthy(request)
      : ({ ending, status: 0, isExpected: false, serviceMs } as const)

describe('a load run that went well', () => {
  test('passes, with every check ok and nothing to say', () => {
    const verdict = judged(sample)
    expect(verdict).toMatchObject({ status: 'pass', exit: 0, invalid: [], failures: [] })
    expect(verdict.checks.filter(({ status }) => status !== 'ok')).toEqual([])
    expect(verdict.thresholds.map(({ status }) => status)).toEqual(['pass', 'pass', 'pass', 'pass'])
  })

  test('fails when one threshold does', () => {
    const strict = { ...sample, thresholds: [{ metric: 'http_req_duration', expression: 'p(95)<1' }] }
    expect(judged(strict)).toMatchObject({ status: 'fail', exit: 1, invalid: [], doubts: [] })
  })

  test('that a threshold ended early is judged by what there is, and passes nothing', () => {
    const endedBy = { metric: 'http_req_duration', expression: 'p(95)<1', afterSeconds: 11 }
    const slices = sample.measurement.slices.filter(({ second }) => second < 11)
    const accounting = sample.measurement.accounting.map((entry) => {
      const settled = slices
        .filter(({ op }) => op === entry.op)
        .reduce((sum, { requests }) => sum + requests, 0)
      const answered = { [entry.op === 'list' ? '200' : '201']: settled - entry.closed }
      return { ...entry, planned: settled, sent: settled, answered }
    })
    const thresholds = sample.thresholds.filter(({ metric }) => !metric.includes('window'))
    const short = { ...sample, thresholds, reconciliation: { received: null, rows: [] } }
    const early = changed({ endedBy, seconds: 11, slices, accounting }, short)
    const strict = { ...early, thresholds: [{ ...endedBy, abortAfterSeconds: 0 }] }
    expect(judged(strict)).toMatchObject({ status: 'fail', exit: 1, invalid: [] })
    expect(judged(early)).toMatchObject({ status: 'inconclusive', exit: 3, invalid: [] })
    expect(judged(changed({ seconds: 11, slices, accounting }, short))).toMatchObject({ status: 'invalid' })
  })

  test('does not see the warm-up', () => {
    const slowStart = sampleMeasurement((request) => ({
      ...healthy(request),
      ...(request.at < 3 ? { serviceMs: 5000 } : {}),
    }))
    expect(judged(sampleLoadRun(slowStart))).toMatchObject({ status: 'pass' })
  })
})

describe('a load run is invalid when', () => {
  test.each([
    ['a request is missing', withAccount('list', { planned: listEntry.planned + 1 }), /list: [\d,]+ planned/],
    [
      'an outcome is missing',
      withAccount('list', { answered: {} }),
      /do not add up: list: [\d,]+ sent, 1 acc/,
    ],
    [
      'a second is missing',
      changed({ slices: sample.measurement.slices.slice(1) }),
      /do not add up: create: [\d,]+ settled/,
    ],
    [
      'an operation is in no accounting',
      changed({ accounting: [listEntry] }),
      /create: timed, and not accounted for/,
    ],
    [
      'the target counted more than was sent',
      { ...sample, reconciliation: { received: 12_000, rows: [] } },
      /at most 11,750 reached it: the sender repeated some in silence/,
    ],
    [
      'the target counted less than was answered',
      { ...sample, reconciliation: { received: 9_000, rows: [] } },
      /the target counted 9,000 requests and 11,746 were answered/,
    ],
    [
      'acknowledged writes are lost',
      {
        ...sample,
        reconciliation: { received: null, rows: [{ table: 'prompts', acknowledged: 2900, found: 2899 }] },
      },
      /^acknowledged writes were lost: 2,900 rows of prompts were acknowledged and 2,899 are there$/,
    ],
    [
      'more rows are there than requests explain',
      {
        ...sample,
        reconciliation: { received: null, rows: [{ table: 'prompts', acknowledged: 2900, found: 2910 }] },
      },
      /^2,910 rows of prompts were added and requests explain at most 2,9\d\d/,
    ],
    [
      'the tool did not do its work',
      changed({ toolVerdict: { exitCode: 107, failedThresholds: [] } }),
      /^open ended with exit code 107$/,
    ],
    [
      'it ended before its time, by itself',
      changed({ seconds: 12 }),
      /^it was cut short after 12.0 of 25 s$/,
    ],
    [
      'a threshold matches nothing',
      { ...sample, thresholds: [{ metric: 'http_req_duration{op:gone}', expression: 'p(95)<200' }] },
      /^http_req_duration\{op:gone\} p\(95\)<200 cannot be judged: no request/,
    ],
  ] satisfies readonly (readonly [string, LoadRun, RegExp])[])('%s', (_, run, reason) => {
    const { status, exit, invalid } = judged(run)
    expect({ status, exit }).toEqual({ status: 'invalid', exit: 4 })
    expect(
      invalid.some((line) => reason.test(line)),
      invalid.join('\n'),
    ).toBe(true)
    expect(invalid.every((line) => !line.includes('\n'))).toBe(true)
  })

  test('nothing was measured', () => {
    const warmUpOnly = sample.measurement.slices.filter(({ phase }) => phase === 'warm-up')
    expect(judged(changed({ slices: warmUpOnly }))).toMatchObject({ status: 'invalid', exit: 4 })
    expect(judged(changed({ slices: [], accounting: [] }))).toMatchObject({ status: 'invalid', exit: 4 })
  })

  test('it was cut short, which has an exit code of its own', () => {
    const partial = { ...changed({ interrupted: true, seconds: 12 }), status: 'partial' } as const
    expect(judged(partial)).toMatchObject({ status: 'invalid', exit: 130 })
  })
})

describe('what is no fault', () => {
  test.each([
    [
      'a limit of requests that ends the load',
      { ...changed({ seconds: 23 }), settings: { ...sample.settings, maxRequests: 11_750 } },
    ],
    ['no schedule to be late for', changed({ lateness: null })],
    ['a target that does not count', { ...sample, reconciliation: { received: null, rows: [] } }],
    [
      'a row whose acknowledgement was lost',
      {
        ...sample,
        reconciliation: { received: null, rows: [{ table: 'prompts', acknowledged: 2900, found: 2903 }] },
      },
    ],
    [
      'thresholds of k6 that failed over the warm-up',
      changed({
        toolVerdict: { exitCode: 99, failedThresholds: ['http_req_duration p(95)<200'] },
      }),
    ],
    [
      'a tool without an event loop on two cores',
      changed({
        workers: [
          { ...worker, cpuShare: 1.7, loopUtilization: null, loopLagP99Ns: null, loopLagMaxNs: null },
        ],
      }),
    ],
    [
      'a few arrivals less than the mean of a Poisson process',
      withSettings({
        model: { kind: 'open-model', ratePerSec: 512, spacing: 'poisson' },
      }),
    ],
    ['a warm-up that ends within a second', withSettings({ warmUpSeconds: 2.4 })],
    [
      'a segment of the load, of which less is expected',
      withSettings(
        {
          model: { kind: 'open-model', ratePerSec: 1500, spacing: 'uniform' },
        },
        changed({ segment: '1/3:2/3' }),
      ),
    ],
    ['a peak load, which has no rate to reach', withSettings({ model: { kind: 'peak' } })],
  ] satisfies readonly (readonly [string, LoadRun])[])('%s', (_, run) => {
    expect(judged(run)).toMatchObject({ status: 'pass', exit: 0, invalid: [] })
  })
})

describe('a target that dies', () => {
  test.each([
    ['refuses', dying(14, 'refused', 0.05)],
    ['closes', dying(14, 'closed', 0.4)],
    ['hangs', dying(14, 'timedOut', 10_000)],
  ])('and %s in the middle of the load fails', (_, fate) => {
    const verdict = judged(sampleLoadRun(sampleMeasurement(fate)))
    expect(verdict).toMatchObject({ status: 'fail', exit: 1 })
    expect(verdict.thresholds.map(({ status }) => status)).toEqual(['fail', 'fail', 'fail', 'fail'])
  })

  test('before the measured phase was never reached', () => {
    const verdict = judged(sampleLoadRun(sampleMeasurement(dying(2, 'refused', 0.05))))
    expect(verdict).toMatchObject({ status: 'invalid', exit: 5 })
    expect(verdict.invalid).toContain('the target answered no request of the measured phase')
  })

  test('is not excused by a threshold that allows every failure', () => {
    const lenient = [{ metric: 'http_req_failed', expression: 'rate<=1' }]
    const run = { ...sampleLoadRun(sampleMeasurement(dying(10, 'refused', 0.05))), thresholds: lenient }
    expect(judged(run)).toMatchObject({ status: 'fail', exit: 1, failures: [expect.stringMatching(/^6\d/)] })
  })

  test('fails without any threshold', () => {
    const run = { ...sampleLoadRun(sampleMeasurement(dying(24, 'refused', 0.05))), thresholds: [] }
    expect(judged(run).failures).toEqual([
      expect.stringMatching(/^4\.\d\d % of the requests failed; a threshold on http_req_failed/),
    ])
  })

  test('never passes, whenever and however it does', () => {
    const death = fc.record({
      second: fc.integer({ min: 0, max: 23 }),
      kind: fc.constantFrom('refused', 'closed', 'timedOut'),
      serviceMs: fc.constantFrom(0.01, 1, 10_000),
    })
    fc.assert(
      fc.property(death, fc.boolean(), ({ second, kind, serviceMs }, isAsked) => {
        const run = sampleLoadRun(sampleMeasurement(dying(second, kind, serviceMs)))
        const { status, exit } = judged(isAsked ? run : { ...run, thresholds: [] })
        expect(status).not.toBe('pass')
        expect([1, 3, 4, 5]).toContain(exit)
      }),
      { numRuns: 6 },
    )
  })
})

test('errors of the target alone are a failure, not an invalid measurement', () => {
  const overloaded = sampleMeasurement((request) =>
    request.index % 10 === 0
      ? { ending: 'answered', status: 503, isExpected: false, serviceMs: 0.2 }
      : healthy(request),
  )
  expect(judged(sampleLoadRun(overloaded))).toMatchObject({ status: 'fail', exit: 1, invalid: [] })
})
