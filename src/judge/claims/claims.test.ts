import { describe, expect, test } from 'vitest'
import { sampleRun } from '../../../fixtures/runs/sample-run.ts'
import type { ClaimPartRun, Run, ScenarioRun } from '../../run/run.ts'
import type { PartVerdict } from '../../run/verdict.ts'
import { judgeClaims } from './claims.ts'

const run = sampleRun()

/** The sample with other content in its scenario. */
function changed(change: (scenario: ScenarioRun) => Partial<ScenarioRun>, of: Run = run): Run {
  return { ...of, scenarios: of.scenarios.map((scenario) => ({ ...scenario, ...change(scenario) })) }
}

/** The verdict on one part, in a run of this content. */
function verdictOn(part: ClaimPartRun, of: Run = run): PartVerdict {
  const claim = { id: 'C1', source: 'review §1', statement: 'r', claimed: 's', parts: [part] }
  const verdict = judgeClaims(changed(() => ({ claims: [claim] }), of))[0]?.parts[0]
  if (verdict === undefined) throw new Error('one claim of one part gives one verdict')
  return verdict
}

const sides = { variant: 'composite', versus: 'baseline' }
const bytes = { ...sides, measure: 'bytes', of: 'indexes', claimed: { from: -0.4, to: -0.4 } } as const
const time = {
  ...sides,
  measure: 'time',
  quantile: 'p50',
  operation: 'Q1',
  claimed: { from: -0.5, to: -0.7 },
} as const
const memory = { ...sides, measure: 'cache-memory', claimed: { from: -0.3, to: -0.3 } } as const

describe('judgeClaims', () => {
  test('judges the sample', () => {
    expect(judgeClaims(run).map(({ claim, status }) => [claim.id, status])).toEqual([
      ['C1', 'partly'],
      ['C2', 'confirmed'],
      ['C11', 'partly'],
    ])
  })

  test('measures time over rounds and says how sure it is', () => {
    const { status, measured } = verdictOn(time)
    expect(status).toBe('confirmed')
    expect(measured).toMatchObject({
      state: 'measured',
      change: { estimate: expect.closeTo(88 / 420 - 1, 2) },
      basis: { kind: 'rounds', rounds: 7, samples: { variant: 3150, versus: 3150 }, confidence: 1 - 6 / 128 },
    })
  })

  test('turns a ratio of times into the throughput that goes with it', () => {
    const { status, measured } = verdictOn({
      ...sides,
      measure: 'throughput',
      operation: 'Q1',
      claimed: { from: 1, to: 1 },
    })
    expect(status).toBe('confirmed')
    expect(measured.state === 'measured' && measured.change.estimate).toBeCloseTo(420 / 88 - 1, 0)
  })

  test('weighs indexes together with those of primary keys', () => {
    expect(verdictOn(bytes)).toMatchObject({
      status: 'refuted',
      measured: {
        change: { low: 780 / 450 - 1, high: 780 / 450 - 1 },
        basis: { kind: 'exact', bytes: { variant: 780 * 4096, versus: 450 * 4096 } },
      },
    })
  })

  test('weighs named objects against others', () => {
    const part = { ...bytes, of: ['idx_prompts_user_status_created'], versusOf: ['idx_prompts_user_id'] }
    expect(verdictOn(part).measured).toMatchObject({ change: { estimate: 330 / 200 - 1 } })
  })

  test('spans cache memory from the best to the worst repetition', () => {
    const { measured, status } = verdictOn(memory)
    expect(status).toBe('confirmed')
    expect(measured).toMatchObject({
      change: { low: 5_150_000 / 8_100_000 - 1, high: 5_300_000 / 8_000_000 - 1 },
      basis: { kind: 'repetitions', repetitions: 3 },
    })
  })

  test('says inconclusive of too few rounds, however far away the estimate is', () => {
    expect(verdictOn(time, sampleRun({ rounds: 5 }))).toMatchObject({
      status: 'inconclusive',
      measured: { state: 'too-few', basis: { rounds: 5, confidence: null } },
    })
  })

  test('says inconclusive of memory weighed only once', () => {
    const once = changed(({ variants }) => ({
      variants: variants.map((variant) => ({ ...variant, cacheMemoryBytes: [1000] })),
    }))
    expect(verdictOn(memory, once)).toMatchObject({ status: 'inconclusive', measured: { state: 'too-few' } })
  })

  const without = (change: Partial<ScenarioRun>): Run => changed(() => ({ ...change, complete: false }))
  test.each([
    ['a variant', bytes, without({ variants: [] })],
    ['the timings', time, without({ timings: [] })],
    ['an object', { ...bytes, of: ['idx_gone'] }, run],
    ['the memory', { ...memory, variant: 'baseline:no-stats' }, run],
    ['an operation', { ...time, operation: 'Q9' }, run],
    ['pairs', { ...time, variant: 'composite' }, changed(withoutPairs)],
  ] as const)('says not-measured and why when %s is missing', (_, part, of) => {
    expect(verdictOn(part, of)).toMatchObject({
      status: 'not-measured',
      measured: { state: 'missing', reason: expect.stringMatching(/\w/) },
    })
  })

  test('never confirms a claim of which a part was not measured', () => {
    const cut = changed(({ timings }) => ({ timings: timings.filter(({ operation }) => operation !== 'Q2') }))
    expect(judgeClaims(cut)[0]).toMatchObject({ status: 'partly' })
    expect(judgeClaims(without({ timings: [] })).map(({ status }) => status)).toEqual([
      'not-measured',
      'not-measured',
      'partly',
    ])
  })
})

function withoutPairs({ timings }: ScenarioRun): Partial<ScenarioRun> {
  return {
    timings: timings.map((timing) =>
      timing.variant === 'baseline'
        ? { ...timing, rounds: timing.rounds.map((each) => ({ ...each, round: each.round + 100 })) }
        : timing,
    ),
  }
}
