import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import profile from '../../../scenarios/load/prompts-api.ts'
import { plannedArrivals, plannedSeconds, type LoadStage } from '../../core/load-stages.ts'
import { planLoad } from '../../engine/load/plan-load.ts'
import { latencyQuantileNs } from '../../stats/latency-counts.ts'
import { outcomeOf } from './script/outcome.ts'
import { k6Settings, measuredArrivals, mostRequests } from './script/settings.ts'
import { isEvidence, k6Thresholds, slowBudgets, type K6Threshold } from './script/thresholds.ts'

const stages = fc.array(
  fc.record({
    seconds: fc.integer({ min: 1, max: 40 }),
    level: fc.integer({ min: 1, max: 10 }).map((n) => n / 10),
  }),
  { minLength: 1, maxLength: 5 },
)

const settingsOf = (variables: Readonly<Record<string, string>>) =>
  k6Settings(profile, { BASE_URL: 'http://api.test', ...variables })

describe('the settings of a script', () => {
  it('plan stages and warm-up as forgebench load does', () => {
    fc.assert(
      fc.property(stages, fc.option(fc.integer({ min: 2, max: 60 })), (given: LoadStage[], seconds) => {
        const ours = { ...profile, stages: given }
        const plan = planLoad(
          { id: 'x', path: '/x.ts', shown: 'x.ts', fileDigest: '', profile: ours, dataPath: '/x.json' },
          {
            url: 'http://api.test',
            mix: undefined,
            seed: 1,
            model: { kind: 'open-model', ratePerSec: 1, spacing: 'uniform' },
            whenBusy: 'drops',
            seconds: seconds ?? undefined,
            connections: undefined,
            connectRatePerSec: 1,
            timeoutMs: 1,
            maxRequests: 1e9,
            workers: undefined,
            tokenEnv: null,
            dataPath: undefined,
          },
          2,
        )
        const variables = seconds === null ? {} : { DURATION: `${seconds}` }
        const { stages: planned, warmUpSeconds, mix } = k6Settings(ours, variables)
        expect(planned).toEqual(plan.stages)
        expect(warmUpSeconds).toBeCloseTo(plan.warmUpSeconds, 9)
        expect(mix).toBe(plan.mix)
      }),
    )
  })

  it('count the arrivals of the measured phase as the judge does', () => {
    fc.assert(
      fc.property(stages, fc.integer({ min: 1, max: 500 }), (given, rate) => {
        const settings = k6Settings({ ...profile, stages: given }, { RATE: String(rate) })
        const all = plannedArrivals(rate, settings.stages)
        const warmUp = plannedArrivals(rate, settings.stages, {
          toSecond: Math.ceil(settings.warmUpSeconds),
        })
        expect(Math.abs(mostRequests(settings) - all)).toBeLessThan(0.5001)
        expect(measuredArrivals(settings)).toBeCloseTo(Math.max(0, mostRequests(settings) - warmUp), 6)
      }),
    )
  })

  it.each([
    [{ RATE: 'fast' }, 'RATE=fast is no number from 0.001 on'],
    [{ DURATION: '0' }, 'DURATION=0 is no number from 0.1 on'],
    [{ MIX: 'reviews' }, "MIX=reviews is none of the profile's: review, full, reads"],
    [{ BASE_URL: 'localhost:8787' }, 'BASE_URL=localhost:8787 is no URL'],
  ])('say what is wrong with %o', (variables, message) => {
    expect(() => settingsOf(variables)).toThrow(message)
  })

  it('take seconds with their unit, and nothing for nothing', () => {
    expect(plannedSeconds(settingsOf({ DURATION: '20s' }))).toBe(20)
    expect(settingsOf({ RATE: '', USERS: '', PEAK: '', SEED: '' })).toMatchObject({
      model: { kind: 'open-model', ratePerSec: 100 },
      seed: 1,
    })
    expect(settingsOf({ USERS: '30' }).model).toEqual({ kind: 'closed-model', users: 30 })
    expect(settingsOf({ PEAK: '1' }).model).toEqual({ kind: 'peak' })
  })
})

describe('the thresholds of a script', () => {
  const conditions = (
    thresholds: Readonly<Record<string, readonly string[]>>,
    variables: Readonly<Record<string, string>> = {},
  ): Readonly<Record<string, readonly K6Threshold[]>> => {
    const settings = settingsOf({
      RATE: '100',
      STAGES: JSON.stringify([{ seconds: 12, fromLevel: 1, toLevel: 1 }]),
      WARM_UP: '2',
      THRESHOLDS: JSON.stringify(thresholds),
      ...variables,
    })
    const all = k6Thresholds(settings, [{ id: 'list' }, { id: 'create' }])
    return Object.fromEntries(
      Object.entries(all)
        .map(
          ([metric, expressions]) =>
            [metric, expressions.filter((each) => typeof each !== 'string' || !isEvidence(each))] as const,
        )
        .filter(([, expressions]) => expressions.length > 0),
    )
  }
  const always = {
    'http_reqs{phase:measured}': ['count>988'],
    dropped_iterations: ['count==0'],
    'http_req_failed{phase:measured}': ['rate<1'],
  }

  it('end a load by themselves where k6 runs without forgebench, in the long form of k6', () => {
    const long = { threshold: 'p(95)<200', abortOnFail: true, delayAbortEval: 5000 }
    const ours = { ...profile, thresholds: { 'http_req_duration{op:list}': [long, 'p(99)<900'] } }
    const native = k6Settings(ours, { RATE: '100' })
    expect(k6Thresholds(native, [{ id: 'list' }])['http_req_duration{op:list,phase:measured}']).toEqual([
      { threshold: 'p(95)<200', abortOnFail: true, delayAbortEval: '5000ms' },
      'p(99)<900',
    ])
    const told = { THRESHOLDS: JSON.stringify({ http_req_duration: ['p(95)<200'] }) }
    expect(k6Settings(ours, told)).toMatchObject({ aborts: [] })
  })

  it('do not pass on nothing, even where the profile has none', () => {
    expect(conditions({})).toEqual(always)
  })

  it('look at the measured phase, and have percentiles as rates of slow requests too', () => {
    expect(
      conditions({
        http_req_duration: ['p(95)<200', 'avg<50'],
        'http_req_duration{op:list}': ['p(99.9)<=200', 'med<20.5'],
        http_req_failed: ['rate<0.001'],
      }),
    ).toEqual({
      ...always,
      'http_req_duration{phase:measured}': ['p(95)<200', 'avg<50'],
      'http_req_duration{op:list,phase:measured}': ['p(99.9)<=200', 'med<20.5'],
      'http_req_failed{phase:measured}': ['rate<0.001'],
      slow_over_200ms: ['rate<=0.05'],
      'slow_above_200ms{op:list}': ['rate<=0.001'],
      'slow_over_20_5ms{op:list}': ['rate<=0.5'],
    })
  })

  it('have counts and rates of requests as counts of the measured phase, divided by the segments', () => {
    const given = {
      http_reqs: ['count>900', 'rate>=95'],
      'iterations{op:list}': ['rate>10'],
      dropped_iterations: ['count<5'],
    }
    expect(conditions(given, { SEGMENTS: '4' })).toEqual({
      'http_req_failed{phase:measured}': ['rate<1'],
      'http_reqs{phase:measured}': ['count>225', 'count>=237.5', 'count>245'],
      'http_reqs{op:list,phase:measured}': ['count>25'],
      dropped_iterations: ['count<1.25', 'count==0'],
    })
  })

  it('leave out windows, which k6 does not know, and requests that the mix does not have', () => {
    expect(
      conditions({
        'http_req_duration{op:list,window:10s}': ['p(95)<200'],
        'http_req_duration{op:delete}': ['p(95)<200'],
      }),
    ).toEqual(always)
  })

  it('say of slow requests exactly what they say of percentiles by nearest rank', () => {
    const [budget] = slowBudgets({ http_req_duration: ['p(95)<200'] })
    expect(budget).toEqual({ metric: 'slow_over_200ms', overMs: 200, inclusive: true })
    const durations = fc.array(fc.constantFrom(1, 100, 199, 200, 201, 300), { minLength: 1, maxLength: 400 })
    fc.assert(
      fc.property(durations, fc.constantFrom(50, 90, 95, 99, 99.9), (ms, percent) => {
        const sorted = ms.toSorted((a, b) => a - b)
        const counts = { valuesNs: sorted, counts: sorted.map(() => 1), samples: sorted.length }
        const slow = ms.filter((each) => each >= 200).length / ms.length
        const [rate] = conditions({ http_req_duration: [`p(${percent})<200`] })['slow_over_200ms'] ?? []
        const most = Number(/^rate<=(.*)$/.exec(typeof rate === 'string' ? rate : '')?.[1])
        expect(slow <= most).toBe(latencyQuantileNs(counts, percent / 100) < 200)
      }),
    )
  })
})

describe('what became of a request', () => {
  it.each([
    [200, 0, '', 200],
    [404, 1404, '', 404],
    [503, 1503, '', 503],
    [0, 1050, 'request timeout', 'timedOut'],
    [0, 1101, 'lookup: no such host', 'refused'],
    [0, 1211, 'dial: i/o timeout', 'refused'],
    [0, 1212, 'dial: connection refused', 'refused'],
    [0, 1310, 'x509: unknown authority', 'refused'],
    [0, 1220, 'read: connection reset by peer', 'closed'],
    [0, 1201, 'write: broken pipe', 'closed'],
    [0, 1000, 'EOF', 'closed'],
    [0, 1000, 'unexpected EOF', 'closed'],
    [200, 1000, 'unexpected EOF', 'closed'],
    [0, 1000, 'malformed HTTP response "hello"', 'broken'],
    [0, 1701, 'decompression failed', 'broken'],
    [0, 0, '', 'broken'],
  ] as const)('of status %d and error %d «%s» is %s', (status, code, error, outcome) => {
    expect(outcomeOf(status, code, error)).toBe(outcome)
  })
})
