import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RequestLog } from '../../load/worker/request-log.ts'
import type { LoadMeasurement } from '../../run/load/load-run.ts'
import { loadSamples } from '../../run/load/load-samples.ts'
import { parseThreshold } from '../../run/threshold.ts'
import { judgeThreshold } from './judge-threshold.ts'
import { noDoubts, type Doubts } from './load-doubt.ts'
import { fewestSamples } from './load-evidence.ts'

interface Sent {
  readonly second: number
  readonly ms: number
  readonly op?: string
  readonly fails?: boolean
  readonly serviceMs?: number
}

/** Judges one threshold over seconds 0 to 11, all of them measured. */
function judged(
  metric: string,
  expression: string,
  sent: readonly Sent[],
  dropped = 0,
  hasSeconds = true,
  doubts = noDoubts,
) {
  const log = new RequestLog(0)
  for (const { second, ms, op = 'list', fails = false, serviceMs = ms } of sent) {
    const ended = fails
      ? ({ ending: 'closed', status: 0, isExpected: false } as const)
      : ({ ending: 'answered', status: 200, isExpected: true } as const)
    log.add({ op, ...ended, second, serviceNs: serviceMs * 1e6, responseNs: ms * 1e6 })
  }
  const measurement = { slices: log.slices() } as LoadMeasurement
  const evidence = {
    samples: loadSamples({ measurement }),
    hasSeconds,
    fromSecond: 0,
    toSecond: 12,
    neverSent: new Map([['list', dropped]]),
  }
  return judgeThreshold(parseThreshold(metric, expression, { place: 'test' }), evidence, doubts)
}

const many = (count: number, of: Omit<Sent, 'second'>, second = 0): readonly Sent[] =>
  Array.from({ length: count }, () => ({ second, ...of }))

/** In each of the twelve seconds so many requests that take 10 ms, and so many that take longer or fail. */
const everySecond = (fast: number, slow: number, of: Omit<Sent, 'second'>): readonly Sent[] =>
  Array.from({ length: 12 }, (_, second) => [
    ...many(fast, { ms: 10 }, second),
    ...many(slow, of, second),
  ]).flat()

describe('a percentile', () => {
  test.each([
    [3, 'pass', 10],
    [5, 'inconclusive', 10],
    [6, 'inconclusive', 900],
    [8, 'fail', 900],
  ])('with %d in a hundred beyond the limit of p(95): %s', (slow, status, measured) => {
    const found = judged('http_req_duration', 'p(95)<200', everySecond(100 - slow, slow, { ms: 900 }))
    expect(found).toMatchObject({ status, samples: 1200 })
    expect(found.measured).toBeCloseTo(measured, 0)
    const { low, high } = found.interval ?? { low: NaN, high: NaN }
    expect([low > 200, high < 200]).toEqual([status === 'fail', status === 'pass'])
  })

  test('has a wider interval when slow requests come together', () => {
    const bunched = Array.from({ length: 12 }, (_, second) => [
      ...many(100 - (second % 4 === 1 ? 32 : 0), { ms: 10 }, second),
      ...many(second % 4 === 1 ? 32 : 0, { ms: 900 }, second),
    ]).flat()
    // Eight in a hundred, as above: but three stalls do not prove as much as 96 slow requests.
    expect(judged('http_req_duration', 'p(95)<200', bunched).status).toBe('inconclusive')
  })

  test('counts failed requests as slower than any bound, however soon they failed', () => {
    const refused = (count: number) => everySecond(100 - count, count, { ms: 0.1, fails: true })
    expect(judged('http_req_duration', 'p(95)<200', refused(3))).toMatchObject({ status: 'pass' })
    expect(judged('http_req_duration', 'p(95)<200', refused(8))).toMatchObject({
      status: 'fail',
      measured: Infinity,
      note: 'falls among failed requests',
    })
  })

  test('does not count a slow request that failed twice', () => {
    const timedOut = everySecond(97, 3, { ms: 10_000, fails: true })
    expect(judged('http_req_duration', 'p(95)<200', timedOut).status).toBe('pass')
  })

  test.each([
    ['p(95)', 19, 20],
    ['p(99)', 99, 100],
    ['p(99.9)', 9_999, 10_000],
    ['med', 1, 2],
  ])('%s is not measured on %d samples, which are too few', (aggregation, samples, needed) => {
    const found = judged('http_req_duration', `${aggregation}<200`, many(samples, { ms: 1 }))
    expect(found).toMatchObject({ status: 'inconclusive', measured: null, samples })
    expect(found.note).toContain(`needs ${needed.toLocaleString('en-US')}`)
    expect(judged('http_req_duration', `${aggregation}<200`, many(needed, { ms: 1 })).measured).toBeCloseTo(1)
  })

  test('fails on few samples when all of them are beyond it', () => {
    expect(judged('http_req_duration', 'p(50)<200', many(40, { ms: 900 })).status).toBe('fail')
  })

  test('has no interval in a phase of few seconds, and is decided all the same where it is clear', () => {
    expect(judged('http_req_duration', 'p(95)<200', many(300, { ms: 10 }))).toMatchObject({
      status: 'pass',
      interval: null,
      note: 'no interval: fewer than 10 measured seconds; use a longer --duration',
    })
    expect(judged('http_req_duration', 'p(95)<200', many(280, { ms: 10 }))).toMatchObject({
      status: 'inconclusive',
      note: expect.stringContaining('280 samples do not bound p(95) from above; about 288 do'),
    })
  })

  test('with failed requests where its upper bound would be says so, and asks for no fewer samples than it had', () => {
    const sent = [...many(490, { ms: 10 }), ...many(10, { ms: 1, fails: true })]
    const { status, note } = judged('http_req_duration', 'p(95)<200', sent)
    expect(status).toBe('inconclusive')
    expect(note).toContain('the upper bound of p(95) falls among failed requests: use a longer --duration')
    expect(note).not.toContain('288')
  })

  test('needs samples enough that one of them lies beyond it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), (tenths) => {
        const percent = tenths / 10
        const threshold = parseThreshold('http_req_duration', `p(${percent})<1`, { place: 'test' })
        expect((fewestSamples(threshold) * (100 - percent)) / 100).toBeGreaterThanOrEqual(1 - 1e-9)
      }),
    )
  })
})

describe('a threshold', () => {
  const two = Array.from({ length: 12 }, (_, second) => [
    ...many(30, { ms: 10, op: 'list' }, second),
    ...many(30, { ms: 300, serviceMs: 20, op: 'create' }, second),
  ]).flat()

  test('on one operation looks at no other', () => {
    expect(judged('http_req_duration{op:list}', 'p(95)<200', two).status).toBe('pass')
    expect(judged('http_req_duration{op:create}', 'p(95)<200', two).status).toBe('fail')
  })

  test('on service time leaves the wait before sending out', () => {
    expect(judged('service_time{op:create}', 'p(95)<200', two).status).toBe('pass')
  })

  test.each(['http_req_duration{op:gone}', 'http_req_failed{op:gone}', 'http_reqs{op:gone}'])(
    '%s that matches nothing is invalid, whatever it says',
    (metric) => {
      const expression = metric.includes('duration') ? 'p(95)<200' : 'rate<1'
      expect(judged(metric, expression, two)).toMatchObject({
        status: 'invalid',
        measured: null,
        note: 'no request of the measured phase matches',
      })
    },
  )

  test('on the failed share has bounds, and holds where nothing failed however few requests there were', () => {
    const none = judged('http_req_failed', 'rate<0.001', two)
    expect(none).toMatchObject({ status: 'pass', measured: 0, interval: { low: 0 } })
    expect(none.note).toBe('none of 720 failed, which shows only that fewer than 0.660 % do')
    expect(judged('http_req_failed', 'rate<0.1', two).note).toBe('')
  })

  test.each([
    [1, 'pass'],
    [5, 'inconclusive'],
    [9, 'fail'],
  ])('on the failed share with %d in a hundred failed and 5 allowed: %s', (failed, status) => {
    const sent = everySecond(100 - failed, failed, { ms: 1, fails: true })
    expect(judged('http_req_failed', 'rate<0.05', sent).status).toBe(status)
  })

  test('counts requests, their rate over the phase, and what was dropped, exactly', () => {
    expect(judged('http_reqs', 'count>=720', two)).toMatchObject({
      status: 'pass',
      measured: 720,
      interval: { low: 720, high: 720 },
    })
    expect(judged('http_reqs', 'rate>=60', two)).toMatchObject({ status: 'pass', measured: 60 })
    expect(judged('dropped_iterations', 'count==0', two, 3)).toMatchObject({ status: 'fail', measured: 3 })
    expect(judged('dropped_iterations{op:create}', 'count==0', two, 3).status).toBe('pass')
  })

  test('takes mean, least and largest over all requests, as k6 does', () => {
    const found = ['avg', 'min', 'max'].map((name) => judged('http_req_duration', `${name}<1`, two).measured)
    expect(found.map((value) => Math.round(value ?? NaN))).toEqual([155, 10, 300])
  })
})

describe('a threshold that few samples leave open', () => {
  const few = many(159, { ms: 10 })
  const statusOf = (doubts: Doubts, metric = 'http_req_duration'): string =>
    judged(metric, metric === 'http_req_failed' ? 'rate<0.05' : 'p(95)<200', few, 0, true, doubts).status
  const missing = (count: number): Doubts => ({ ...noDoubts, missing: new Map([['list', count]]) })

  test('is invalid where as many requests were never sent as would leave any load open: a longer one does not help', () => {
    expect(statusOf(noDoubts)).toBe('inconclusive')
    expect(statusOf(missing(1))).toBe('inconclusive')
    expect(statusOf(missing(162))).toBe('invalid')
    expect(statusOf(missing(162), 'http_req_failed')).toBe('invalid')
  })

  test('is invalid where the target could be slower without bound', () => {
    expect(statusOf({ ...noDoubts, couldBeSlower: 'without bound' })).toBe('invalid')
    expect(statusOf({ ...noDoubts, couldBeSlower: 'to response time' })).toBe('inconclusive')
  })
})

describe('a window', () => {
  const steady = Array.from({ length: 12 }, (_, second) => many(50, { ms: 10 }, second)).flat()
  const stalled = [...steady, ...many(300, { ms: 800 }, 7)]

  test('fails where the phase as a whole passes, and says which seconds', () => {
    expect(judged('http_req_duration', 'p(50)<200', stalled).measured).toBeCloseTo(10)
    expect(judged('http_req_duration{window:1s}', 'p(50)<200', stalled)).toMatchObject({
      status: 'fail',
      worst: { fromSecond: 7, seconds: 1 },
    })
  })

  test('of ten seconds is looked at where the threshold names none', () => {
    const { worst } = judged('http_reqs', 'rate>1', stalled)
    expect(worst).toEqual({ fromSecond: 0, seconds: 10, measured: 80 })
    expect(judged('http_reqs', 'rate>1', steady).worst?.measured).toBe(50)
  })

  test('that has too few samples leaves the threshold open', () => {
    const thin = steady.filter(({ second }) => second !== 4)
    expect(judged('http_req_duration{window:1s}', 'p(95)<200', thin)).toMatchObject({
      status: 'inconclusive',
      note: 'seconds 4 to 4: 0 samples are too few for p(95), which needs 20',
    })
  })

  test('that fails is a failure even if another has too few samples', () => {
    const thin = stalled.filter(({ second }) => second !== 4)
    expect(judged('http_req_duration{window:1s}', 'p(50)<200', thin).status).toBe('fail')
  })

  test('is invalid where slices cover whole phases, and nothing else is', () => {
    expect(judged('http_req_duration{window:10s}', 'p(95)<200', steady, 0, false)).toMatchObject({
      status: 'invalid',
      note: 'this run knows its phases as a whole, and no windows',
    })
    expect(judged('http_req_duration', 'p(95)<200', steady, 0, false)).toMatchObject({
      status: 'pass',
      interval: null,
      worst: null,
    })
  })

  test('longer than the phase is invalid', () => {
    expect(judged('http_req_duration{window:13s}', 'p(95)<200', steady)).toMatchObject({
      status: 'invalid',
      note: 'the measured phase of 12 s holds no window of 13 s',
    })
  })

  test('without any request counts as no request a second', () => {
    const silent = steady.filter(({ second }) => second !== 4)
    expect(judged('http_reqs{window:1s}', 'rate>10', silent)).toMatchObject({ status: 'fail', measured: 0 })
  })

  test('never passes when the phase as a whole does not', () => {
    const request = fc.record({
      second: fc.integer({ min: 0, max: 11 }),
      ms: fc.integer({ min: 1, max: 400 }),
    })
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 400, maxLength: 600 }),
        fc.constantFrom(1, 3, 12),
        (sent, w) => {
          const whole = judged('http_req_duration', 'p(90)<200', sent).status
          const worst = judged(`http_req_duration{window:${w}s}`, 'p(90)<200', sent).status
          if (w === 12) expect(worst).toBe(whole)
          expect(['pass', 'fail', 'inconclusive']).toContain(whole)
          // Windows of one second cover the phase without overlap: if all hold, so does the whole.
          if (w === 1 && worst === 'pass') expect(whole).toBe('pass')
          if (whole === 'fail' && w === 1) expect(worst).not.toBe('pass')
        },
      ),
      { numRuns: 30 },
    )
  })
})
