import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plannedSeconds, type LoadStage } from '../../core/load-stages.ts'
import { k6Settings } from '../../load/k6/script/settings.ts'
import type { LoadedProfile } from '../../scenario/load-profile/load-profile-file.ts'
import { planLoad, plannedRequests, type LoadOptions } from './plan-load.ts'

const loadedWith = (stages: readonly LoadStage[]): LoadedProfile => ({
  id: 'mine',
  path: '/mine.ts',
  shown: './mine.ts',
  fileDigest: '',
  dataPath: '/mine.data.json',
  profile: {
    title: 'mine',
    why: 'a test',
    data: { file: 'mine.data.json', tables: {} },
    requests: [{ id: 'list', title: 'list', method: 'GET', path: () => '/', status: 200 }],
    mixes: { first: { list: 1 }, second: { list: 2 } },
    thinkMs: { from: 0, to: 0 },
    stages,
    thresholds: {},
  },
})

const loaded = loadedWith([
  { seconds: 3, level: 1 },
  { seconds: 27, level: 1 },
])

test('a profile without stages has those that k6 gives it too', () => {
  const { stages: _stages, ...profile } = loaded.profile
  expect(planLoad({ ...loaded, profile }, options, 2).stages).toEqual(planLoad(loaded, options, 2).stages)
  expect(k6Settings(profile, {}).stages).toEqual(planLoad(loaded, options, 2).stages)
})

test('a closed model needs a think time, and an open model does not', () => {
  const { thinkMs: _thinkMs, ...profile } = loaded.profile
  const users = { ...options, model: { kind: 'closed-model', users: 3 } } as const
  expect(() => planLoad({ ...loaded, profile }, users, 2)).toThrow(
    /^\.\/mine\.ts has no thinkMs.*add thinkMs: \{ from: 1000, to: 5000 \}, or load with --rate$/,
  )
  expect(() => k6Settings(profile, { USERS: '3' })).toThrow(/USERS needs thinkMs/)
  expect(planLoad({ ...loaded, profile }, options, 2).model).toEqual(options.model)
})

const options: LoadOptions = {
  url: 'http://127.0.0.1:1',
  mix: undefined,
  seed: 1,
  model: { kind: 'open-model', ratePerSec: 500, spacing: 'uniform' },
  whenBusy: 'waits',
  seconds: undefined,
  connections: undefined,
  connectRatePerSec: 1000,
  timeoutMs: 1000,
  maxRequests: 1_000_000,
  workers: undefined,
  tokenEnv: null,
  dataPath: undefined,
}

const plan = (wish: Partial<LoadOptions> = {}, from = loaded) => planLoad(from, { ...options, ...wish }, 2)

describe('planLoad', () => {
  test('without options a plan has the stages, the first mix and the rows of its profile', () => {
    expect(plan()).toMatchObject({
      profilePath: '/mine.ts',
      dataPath: '/mine.data.json',
      mix: 'first',
      stages: [
        { seconds: 3, fromLevel: 0, toLevel: 1 },
        { seconds: 27, fromLevel: 1, toLevel: 1 },
      ],
      warmUpSeconds: 3,
    })
  })

  test('stages of a profile keep their lengths where nobody options for another', () => {
    const stages = [
      { seconds: 10, level: 0.5 },
      { seconds: 12, level: 1 },
      { seconds: 8, level: 0 },
    ]
    const made = plan({}, loadedWith(stages))
    expect(made.stages.map(({ seconds }) => seconds)).toEqual([10, 12, 8])
    expect(made.warmUpSeconds).toBe(10)
  })

  test.each([
    [20, 3, 17],
    [60, 3, 57],
    [4, 2, 2],
    [2, 1, 1],
  ])('%s s are %s s of ramp and %s s of hold', (seconds, ramp, hold) => {
    const { stages, warmUpSeconds } = plan({ seconds })
    expect(stages.map((stage) => stage.seconds)).toEqual([ramp, hold])
    expect(warmUpSeconds).toBe(ramp)
  })

  test('whatever the stages and the length, it lasts so long, and half of it or more is measured', () => {
    const stage = fc.record({
      seconds: fc.double({ min: 0.1, max: 1000, noNaN: true }),
      level: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(
        fc.array(stage, { minLength: 1, maxLength: 6 }),
        fc.double({ min: 1, max: 5000, noNaN: true }),
        (stages, seconds) => {
          const made = plan({ seconds, model: { kind: 'peak' } }, loadedWith(stages))
          const lengths = made.stages.map((each) => each.seconds)
          expect(plannedSeconds(made)).toBeCloseTo(seconds, 6)
          expect(Math.min(...lengths)).toBeGreaterThan(0)
          expect(made.warmUpSeconds).toBeLessThanOrEqual(seconds / 2 + 1e-9)
          expect(made.stages.map(({ fromLevel }) => fromLevel)).toEqual([
            0,
            ...made.stages.slice(0, -1).map(({ toLevel }) => toLevel),
          ])
        },
      ),
    )
  })

  test('arrivals are the area below the stages', () => {
    expect(plannedRequests(plan({ seconds: 20 }))).toBe(500 * (3 / 2 + 17))
    expect(plannedRequests(plan({ model: { kind: 'closed-model', users: 5 } }))).toBeNull()
  })

  test.each([
    ['a slow rate has 10 connections', { kind: 'open-model', ratePerSec: 1, spacing: 'uniform' }, 10, 1],
    ['500/s have 75', { kind: 'open-model', ratePerSec: 500, spacing: 'uniform' }, 75, 1],
    ['5,000/s have 750 and one worker', { kind: 'open-model', ratePerSec: 5000, spacing: 'poisson' }, 750, 1],
    [
      '20,000/s have 3,000, on two processors',
      { kind: 'open-model', ratePerSec: 20_000, spacing: 'uniform' },
      3000,
      2,
    ],
    ['a user has one', { kind: 'closed-model', users: 7 }, 7, 1],
    ['the peak has 50', { kind: 'peak' }, 50, 1],
  ] as const)('%s', (_name, model, connections, workers) => {
    expect(plan({ model })).toMatchObject({ connections, workers })
  })

  test('a pool that nobody fixes may grow, up to 10,000 connections or what is asked for', () => {
    expect(plan().maxConnections).toBe(10_000)
    expect(plan({ maxConnections: 50 })).toMatchObject({ connections: 50, maxConnections: 50 })
    expect(plan({ connections: 50 })).not.toHaveProperty('maxConnections')
    expect(plan({ model: { kind: 'closed-model', users: 5 } })).not.toHaveProperty('maxConnections')
  })

  test('a tool that drops what finds every connection busy has a second of them', () => {
    const dropping = (ratePerSec: number) =>
      plan({ whenBusy: 'drops', model: { kind: 'open-model', ratePerSec, spacing: 'uniform' } }).connections
    expect([dropping(60), dropping(500), dropping(9000)]).toEqual([60, 500, 2000])
  })

  test('no worker is without a connection', () => {
    expect(
      plan({ connections: 1, model: { kind: 'open-model', ratePerSec: 9000, spacing: 'uniform' } }).workers,
    ).toBe(1)
    expect(() => plan({ connections: 2, workers: 3 })).toThrow('3 workers share 2 connections')
  })

  test('an unknown mix names those that there are', () => {
    expect(() => plan({ mix: 'third' })).toThrow('./mine.ts has no mix third; it has first, second')
  })

  test('more requests than allowed are refused before any is sent', () => {
    expect(() => plan({ maxRequests: 100 })).toThrow(
      'this load is 14250 requests, more than --max-requests 100; lower --rate or --duration, or raise --max-requests',
    )
    expect(plan({ maxRequests: 14_250 }).maxRequests).toBe(14_250)
  })
})
