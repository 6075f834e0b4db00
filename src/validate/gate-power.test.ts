import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { gateSettings } from '../engine/gate-settings.ts'
import { roundOrder } from '../engine/plan-round.ts'
import { decideGate, type GateRule } from '../stats/decide-gate.ts'
import { gateBudget } from '../stats/gate-looks.ts'
import { hodgesLehmann, walshAverages } from '../stats/hodges-lehmann.ts'
import { signedRankCumulative } from '../stats/signed-rank.ts'
import { streamKey } from '../random/hash.ts'
import { randomSequence } from '../random/sequence.ts'
import { gateSides } from '../run/gate-run.ts'
import type { RoundEvidence } from '../stats/round-evidence.ts'
import type { TracedRound } from './gate-trace.ts'
import {
  asRecorded,
  assigned,
  drawFromAll,
  mostRounds,
  shifted,
  simulateGates,
  slower,
  swapped,
  tenfold,
  tossed,
  type Decide,
} from './resample.ts'
import type { FixturePlant, FixtureRound, RoundsFixture } from './rounds-fixture.ts'

/**
 * The short form of `npm run validate:gate`: recorded rounds, the shipped decision, and the same decision weakened in
 * every way that would make the gate lie. Seeded, so that it says the same on every machine.
 */
const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/gate-rounds.data.json', import.meta.url), 'utf8'),
) as RoundsFixture

/** What makes up the gate, and may be weakened. */
interface GateParts {
  readonly rule: GateRule
  readonly decide: Decide
  readonly roles: (seed: number, round: number) => readonly number[]
  /** What a round with a plant in its tail says. */
  readonly tail: (plant: FixturePlant) => readonly RoundEvidence[]
  /** What a round of equal sides says. */
  readonly equal: (round: FixtureRound) => TracedRound
}

const { rule } = gateSettings({ seed: 0, orderSeed: 0, scale: 1, maxSeconds: 1 })
const shipped: GateParts = {
  rule,
  decide: decideGate,
  roles: (seed, round) => roundOrder(2, seed, round),
  tail: ({ rounds }) => rounds,
  equal: (round) => round,
}

const toleranceRatio = 1.02
const operations = 3
const rounds = mostRounds(operations, rule)

const conditions = [...new Set(fixture.rounds.map(({ condition }) => condition))]
const poolsOf = ({ equal }: Pick<GateParts, 'equal'>): readonly (readonly TracedRound[])[] =>
  conditions.map((condition) => fixture.rounds.filter((round) => round.condition === condition).map(equal))
const pools = poolsOf(shipped)

/** What is wrong with a gate, one sentence each; nothing when it is honest and finds what it should. */
function* flaws(gate: GateParts): Generator<string> {
  yield* believedCollapse(gate)
  yield* falseAlarmsOverAllRoles(gate)
  yield* orderEffects(gate)
  yield* missedPlants(gate)
  yield* missedTenPercent(gate)
  yield* falseAlarmsOverAllLooks(gate)
}

function* believedCollapse({ decide, rule }: GateParts): Generator<string> {
  const measured = pools[0]?.slice(0, 2).flatMap(({ operations: [first] }) => first ?? []) ?? []
  const { word } = decide(
    [
      { id: 'Q1', rounds: measured.map((each, place) => ({ ...each, round: place + 1 })) },
      { id: 'Q2', rounds: [] },
    ],
    rule,
  )
  if (word !== 'invalid') yield `${word} for a candidate that measured nothing`
}

/** Exact: the roles are the only thing that is random. One of each condition's gates alone, and one of three operations. */
function* falseAlarmsOverAllRoles({ decide, rule }: GateParts): Generator<string> {
  const alpha = gateBudget[0]?.alpha ?? 0
  const cases = [
    ...pools.map((pool) => ({ pool, count: 8, of: 1 })),
    { pool: pools.at(-1) ?? [], count: 10, of: operations },
  ]
  for (const { pool, count, of } of cases) {
    const recorded = pool.slice(0, count).map((round) => round.operations.slice(0, of))
    const assignments = 2 ** count
    const roundsOf = (assignment: number) => tenfold(assigned(recorded, assignment), toleranceRatio)
    const { words } = simulateGates(assignments, roundsOf, () => null, rule, decide)
    if (words.fail > alpha * assignments) {
      yield `${words.fail} of ${assignments} assignments of roles fail at the tolerance, with ${of} operations`
    }
  }
}

function* orderEffects({ decide, rule, roles }: GateParts): Generator<string> {
  const secondIsSlower = 0.1
  for (const [place, pool] of pools.entries()) {
    const draw = drawFromAll(
      pool,
      rounds,
      (round) =>
        round.operations.map((each) =>
          shifted(round.first === gateSides.baseline ? each : swapped(each), secondIsSlower),
        ),
      randomSequence(streamKey(5, 'order', String(place))),
    )
    const { words, gates } = simulateGates(
      40,
      (gate) => draw().map((each, round) => (roles(gate, round + 1)[0] === 0 ? each : each.map(swapped))),
      () => null,
      rule,
      decide,
    )
    // With 1 %, four of forty are a case of one in 2000.
    if (words.fail >= 4) yield `${words.fail} of ${gates} fail for the order of the sides`
  }
}

function* missedPlants({ decide, rule, tail }: GateParts): Generator<string> {
  for (const plant of fixture.plants) {
    const pool = tail(plant).map((each) => ({
      gate: plant.gate,
      first: gateSides.baseline,
      operations: [each],
    }))
    const draw = drawFromAll(pool, rounds, asRecorded, randomSequence(plant.gate))
    const { found, gates } = simulateGates(20, draw, () => 0, rule, decide)
    if (found < 0.8 * gates) yield `${gates - found} of ${gates} miss ${plant.plant}`
  }
}

function* missedTenPercent({ decide, rule, equal: equalOf }: GateParts): Generator<string> {
  for (const [place, pool] of poolsOf({ equal: equalOf }).entries()) {
    const condition = conditions[place] ?? ''
    const simulate = (dose: number, gates: number) => {
      const draw = drawFromAll(pool, rounds, tossed, randomSequence(streamKey(6, condition, String(dose))))
      const slowed = (gate: number): number => gate % operations
      return simulateGates(gates, (gate) => slower(draw(), slowed(gate), dose), slowed, rule, decide)
    }
    const equal = simulate(0, 150)
    if (equal.words.fail > 0.01 * equal.gates) yield `${condition}: ${equal.words.fail} false alarms`
    if (equal.words.inconclusive > 0.05 * equal.gates) yield `${condition}: equal sides are inconclusive`
    const slow = simulate(0.1, 300)
    if (slow.found < 0.95 * slow.gates) yield `${condition}: finds ${slow.found} of ${slow.gates} at +10 %`
    // 1 % and three standard errors.
    if (slow.words.pass > 0.027 * slow.gates) yield `${condition}: ${slow.words.pass} pass at +10 %`
  }
}

function* falseAlarmsOverAllLooks({ decide, rule }: GateParts): Generator<string> {
  const draws = pools.map((pool, place) =>
    drawFromAll(pool, rounds, tossed, randomSequence(streamKey(7, 'looks', String(place)))),
  )
  const { words, gates } = simulateGates(
    1500,
    (gate) => tenfold(draws[gate % draws.length]?.() ?? [], toleranceRatio),
    () => null,
    rule,
    decide,
  )
  // 1 % and three standard errors.
  if (words.fail > 0.0177 * gates) yield `${words.fail} of ${gates} fail at the tolerance over all looks`
}

/** The shipped `decideGate` with other statistics under it. */
async function decideOn(module: string, replaced: (original: never) => object): Promise<Decide> {
  vi.resetModules()
  vi.doMock(module, async (importOriginal) => {
    const original = await importOriginal<object>()
    return { ...original, ...replaced(original as never) }
  })
  const weakened = await import('../stats/decide-gate.ts')
  return weakened.decideGate
}

const firstFlaw = (gate: Partial<GateParts>): string | undefined =>
  flaws({ ...shipped, ...gate }).next().value as string | undefined

describe('recorded rounds', () => {
  test('are at least forty of each condition', () => {
    for (const pool of pools) expect(pool.length).toBeGreaterThanOrEqual(40)
    expect(new Set(fixture.plants.map(({ plant }) => plant))).toEqual(new Set(['held-7', 'stall']))
  })

  test('show a gate that does not lie: false alarms ≤ 1 %, detection of +10 % ≥ 95 %', () => {
    expect([...flaws(shipped)]).toEqual([])
  })
})

describe('a weakened gate is found out', () => {
  afterEach(() => {
    vi.doUnmock('../stats/signed-rank.ts')
    vi.doUnmock('../stats/gate-looks.ts')
    vi.resetModules()
  })

  const bounds = (shift: number) => (values: readonly number[], alpha: number) => {
    const cumulative = signedRankCumulative(values.length)
    const outside = cumulative.findIndex((p) => p > alpha) - 1
    if (outside < 0) return undefined
    const averages = walshAverages(values)
    const exact = cumulative[outside] ?? 0
    const at = (place: number) => ({ value: averages[place] ?? 0, alpha: exact })
    return { low: at(outside + shift), high: at(averages.length - 1 - outside - shift) }
  }

  test('whose bound is right by our own reckoning', async () => {
    const decide = await decideOn('../stats/signed-rank.ts', () => ({ signedRankBounds: bounds(0) }))
    expect([...falseAlarmsOverAllRoles({ ...shipped, decide })]).toEqual([])
  })

  test('whose bound is off by one rank', async () => {
    const decide = await decideOn('../stats/signed-rank.ts', () => ({ signedRankBounds: bounds(1) }))
    expect(firstFlaw({ decide })).toMatch(/^2 of 256 assignments/)
  })

  test('whose operations do not share the error budget', async () => {
    const decide = await decideOn(
      '../stats/gate-looks.ts',
      ({ gateLooks }: { gateLooks: (operations: number, budget: unknown) => unknown }) => ({
        gateLooks: (_: number, budget: unknown) => gateLooks(1, budget),
      }),
    )
    expect(firstFlaw({ decide })).toMatch(/assignments of roles fail at the tolerance, with 3 operations/)
  })

  test('that passes on its estimate instead of its bound', async () => {
    const decide = await decideOn('../stats/signed-rank.ts', () => ({
      signedRankBounds: (values: readonly number[], alpha: number) => {
        const exact = bounds(0)(values, alpha)
        return exact && { ...exact, high: { value: hodgesLehmann(values), alpha } }
      },
    }))
    expect(firstFlaw({ decide })).toMatch(/finds \d+ of 300 at \+10 %/)
  })

  test('that believes operations without measurements', () => {
    const decide: Decide = (all, rule) =>
      decideGate(
        all.filter((operation) => operation.rounds.length > 0),
        rule,
      )
    expect(firstFlaw({ decide })).toBe('undecided for a candidate that measured nothing')
  })

  const looks = (alpha: number, from: number) =>
    Array.from({ length: rounds - from + 1 }, (_, place) => ({
      rounds: from + place,
      alpha,
      stallAlpha: 0.0003,
    }))

  test.each<[string, Partial<GateParts>, RegExp]>([
    ['whose roles are not tossed', { roles: () => [0, 1] }, /fail for the order of the sides/],
    ['that drops its tolerance', { rule: { ...rule, toleranceRatio: 1 } }, /fail at the tolerance/],
    [
      'that looks after every round at 1 %',
      { rule: { ...rule, budget: looks(0.01, 8) } },
      /fail at the tolerance/,
    ],
    [
      'that looks again after every round from the ninth on',
      { rule: { ...rule, budget: [...gateBudget.slice(0, 1), ...looks(0.01, 9)] } },
      /fail at the tolerance/,
    ],
    [
      'that compares medians',
      {
        tail: ({ rounds: each, p50 }) =>
          each.map((evidence, place) => ({ ...evidence, effect: p50[place] ?? 0 })),
      },
      /miss held-7/,
    ],
    [
      'that counts no stalls',
      {
        tail: ({ rounds: each }) =>
          each.map((evidence) => ({ ...evidence, slow: { pairs: 0, baseline: 0, candidate: 0 } })),
      },
      /miss stall/,
    ],
    ['that lets 30 % pass', { rule: { ...rule, smallestEffectRatio: 1.3 } }, /finds \d+ of 300/],
    ['that tolerates 8 %', { rule: { ...rule, toleranceRatio: 1.08 } }, /finds \d+ of 300/],
    [
      'that takes one look with next to no error',
      { rule: { ...rule, budget: [{ rounds: 18, alpha: 1e-5, stallAlpha: 0.0003 }] } },
      /./,
    ],
  ])('%s', (_, gate, flaw) => {
    expect(firstFlaw(gate)).toMatch(flaw)
  })
})
