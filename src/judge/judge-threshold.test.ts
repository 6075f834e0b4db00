import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RequestLog } from '../load/request-log.ts'
import type { LoadMeasurement } from '../run/load-run.ts'
import { loadSamples } from '../run/load-samples.ts'
import { parseThreshold } from '../run/threshold.ts'
import { judgeThreshold } from './judge-threshold.ts'
import { fewestSamples } from './load-evidence.ts'

interface Sent {
  readonly second: number
  readonly ms: number
  readonly op?: string
  readonly fails?: boolean
  readonly serviceMs?: number
}

/** Judges one threshold over seconds 0 to 11, all of them measured. */
function judged(metric: string, expression: string, sent: readonly Sent[], dropped = 0, hasSeconds = true) {
  const log = new RequestLog(0)
  for (const { second, ms, op = 'list', fails = false, serviceMs = ms } of sent) {
    const outcome = fails
      ? ({ kind: 'closed' } as const)
      : ({ kind: 'answered', status: 200, asExpected: true } as const)
    log.settle({ op, outcome, second, serviceNs: serviceMs * 1e6, responseNs: ms * 1e6 })
  }
  const measurement = { slices: log.slices() } as LoadMeasurement
  return judgeThreshold(parseThreshold(metric, expression, { place: 'test' }), {
    samples: loadSamples({ measurement }),
    hasSeconds,
    fromSecond: 0,
    toSecond: 12,
    neverSent: new Map([['list', dropped]]),
  })
}

const many = (count: number, of: Omit<Sent, 'second'>, second = 0): readonly Sent[] =>
  Array.from({ length: count }, () => ({ second, ...of }))

describe('a percentile', () => {
  test('passes with exactly one in twenty beyond its bound, and fails with one more', () => {
    const slow = (count: number) => [...many(20 - count, { ms: 10 }), ...many(count, { ms: 900 })]
    expect(judged('http_req_duration', 'p(95)<200', slow(1))).toMatchObject({ word: 'pass', samples: 20 })
    expect(judged('http_req_duration', 'p(95)<200', slow(2))).toMatchObject({ word: 'fail' })
    expect(judged('http_req_duration', 'p(95)<200', slow(2)).measured).toBeCloseTo(900, 0)
  })

  test('counts failed requests as slower than any bound, however soon they failed', () => {
    const refused = (count: number) => [
      ...many(100 - count, { ms: 10 }),
      ...many(count, { ms: 0.1, fails: true }),
    ]
    expect(judged('http_req_duration', 'p(95)<200', refused(5))).toMatchObject({ word: 'pass' })
    expect(judged('http_req_duration', 'p(95)<200', refused(6))).toMatchObject({
      word: 'fail',
      measured: Infinity,
      note: 'falls among failed requests',
    })
  })

  test('does not count a slow request that failed twice', () => {
    const timedOut = [...many(97, { ms: 10 }), ...many(3, { ms: 10_000, fails: true })]
    expect(judged('http_req_duration', 'p(95)<200', timedOut).word).toBe('pass')
  })

  test.each([
    ['p(95)', 19, 20],
    ['p(99)', 99, 100],
    ['p(99.9)', 9_999, 10_000],
    ['med', 1, 2],
  ])('%s is invalid on %d samples, which are too few', (aggregation, samples, needed) => {
    const found = judged('http_req_duration', `${aggregation}<200`, many(samples, { ms: 1 }))
    expect(found).toMatchObject({ word: 'invalid', measured: null, samples })
    expect(found.note).toContain(`needs ${needed.toLocaleString('en-US')}`)
    expect(judged('http_req_duration', `${aggregation}<200`, many(needed, { ms: 1 })).word).toBe('pass')
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
  const two = [...many(30, { ms: 10, op: 'list' }), ...many(30, { ms: 300, serviceMs: 20, op: 'create' })]

  test('on one operation looks at no other', () => {
    expect(judged('http_req_duration{op:list}', 'p(95)<200', two).word).toBe('pass')
    expect(judged('http_req_duration{op:create}', 'p(95)<200', two).word).toBe('fail')
  })

  test('on service time leaves the wait before sending out', () => {
    expect(judged('service_time{op:create}', 'p(95)<200', two).word).toBe('pass')
  })

  test.each(['http_req_duration{op:gone}', 'http_req_failed{op:gone}', 'http_reqs{op:gone}'])(
    '%s that matches nothing is invalid, whatever it says',
    (metric) => {
      const expression = metric.includes('duration') ? 'p(95)<200' : 'rate<1'
      expect(judged(metric, expression, two)).toMatchObject({
        word: 'invalid',
        measured: null,
        note: 'no request of the measured phase matches',
      })
    },
  )

  test('on the failed share says when nothing could have been seen', () => {
    expect(judged('http_req_failed', 'rate<0.001', two)).toMatchObject({
      word: 'pass',
      measured: 0,
      note: '60 requests are too few to see 0.1 % of them fail',
    })
    expect(judged('http_req_failed', 'rate<0.1', two).note).toBe('')
  })

  test('counts requests, their rate over the phase, and what was dropped', () => {
    expect(judged('http_reqs', 'count>=60', two)).toMatchObject({ word: 'pass', measured: 60 })
    expect(judged('http_reqs', 'rate>=5', two)).toMatchObject({ word: 'pass', measured: 5 })
    expect(judged('dropped_iterations', 'count==0', two, 3)).toMatchObject({ word: 'fail', measured: 3 })
    expect(judged('dropped_iterations{op:create}', 'count==0', two, 3).word).toBe('pass')
  })

  test('takes mean, least and largest over all requests, as k6 does', () => {
    const found = ['avg', 'min', 'max'].map((name) => judged('http_req_duration', `${name}<1`, two).measured)
    expect(found.map((value) => Math.round(value ?? NaN))).toEqual([155, 10, 300])
  })
})

describe('a window', () => {
  const steady = Array.from({ length: 12 }, (_, second) => many(20, { ms: 10 }, second)).flat()
  const stalled = [...steady, ...many(30, { ms: 800 }, 7)]

  test('fails where the phase as a whole passes, and says which seconds', () => {
    expect(judged('http_req_duration', 'p(50)<200', stalled).word).toBe('pass')
    expect(judged('http_req_duration{window:1s}', 'p(50)<200', stalled)).toMatchObject({
      word: 'fail',
      worst: { fromSecond: 7, seconds: 1 },
    })
  })

  test('of ten seconds is looked at where the threshold names none', () => {
    const { worst } = judged('http_reqs', 'rate>1', stalled)
    expect(worst).toEqual({ fromSecond: 0, seconds: 10, measured: 23 })
    expect(judged('http_reqs', 'rate>1', steady).worst?.measured).toBe(20)
  })

  test('that has too few samples makes the threshold invalid', () => {
    const thin = steady.filter(({ second }) => second !== 4)
    expect(judged('http_req_duration{window:1s}', 'p(95)<200', thin)).toMatchObject({
      word: 'invalid',
      note: 'seconds 4 to 4: 0 samples are too few for p(95), which needs 20',
    })
  })

  test('that fails is a failure even if another has too few samples', () => {
    const thin = stalled.filter(({ second }) => second !== 4)
    expect(judged('http_req_duration{window:1s}', 'p(50)<200', thin).word).toBe('fail')
  })

  test('is invalid where slices cover whole phases, and nothing else is', () => {
    expect(judged('http_req_duration{window:10s}', 'p(95)<200', steady, 0, false)).toMatchObject({
      word: 'invalid',
      note: 'this run knows its phases as a whole, and no windows',
    })
    expect(judged('http_req_duration', 'p(95)<200', steady, 0, false)).toMatchObject({
      word: 'pass',
      worst: null,
    })
  })

  test('longer than the phase is invalid', () => {
    expect(judged('http_req_duration{window:13s}', 'p(95)<200', steady)).toMatchObject({
      word: 'invalid',
      note: 'the measured phase of 12 s holds no window of 13 s',
    })
  })

  test('without any request counts as no request a second', () => {
    const silent = steady.filter(({ second }) => second !== 4)
    expect(judged('http_reqs{window:1s}', 'rate>10', silent)).toMatchObject({ word: 'fail', measured: 0 })
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
          const whole = judged('http_req_duration', 'p(90)<200', sent).word
          const worst = judged(`http_req_duration{window:${w}s}`, 'p(90)<200', sent).word
          if (w === 12) expect(worst).toBe(whole)
          // Windows of one second cover the phase without overlap: if all hold, so does the whole.
          if (w === 1 && worst === 'pass') expect(whole).toBe('pass')
          if (whole === 'fail' && w === 1) expect(worst).not.toBe('pass')
        },
      ),
      { numRuns: 30 },
    )
  })
})
