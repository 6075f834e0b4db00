import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { gateSettings } from '../engine/gate-settings.ts'
import { roundRoles } from '../engine/gate-round-work.ts'
import { decideGate, type GateRule } from '../measure/decide-gate.ts'
import { gateBudget } from '../stats/gate-looks.ts'
import { hodgesLehmann, walshAverages } from '../stats/hodges-lehmann.ts'
import { signedRankCumulative } from '../stats/signed-rank.ts'
import { streamKey } from '../random/hash.ts'
import { randomSequence } from '../random/sequence.ts'
import { gateSides } from '../run/gate-run.ts'
import { conditions } from './condition.ts'
import type { TracedRound } from './gate-trace.ts'
import {
  asRecorded,
  drawFromAll,
  mostRounds,
  simulateGates,
  slower,
  tossed,
  type Decide,
  type SimulatedRounds,
} from './resample.ts'
import type { FixtureRound, RoundsFixture } from './rounds-fixture.ts'

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
  readonly roles: typeof roundRoles
  readonly quantity: 'p95' | 'p50'
}

const { rule } = gateSettings({ seed: 0, orderSeed: 0, scale: 1, maxSeconds: 1 })
const shipped: GateParts = { rule, decide: decideGate, roles: roundRoles, quantity: 'p95' }

const toleranceRatio = 1.02
const operations = 3
const rounds = mostRounds(operations, rule)

const effectOf = (pairs: readonly number[]): number => hodgesLehmann(pairs.map((ratio) => ratio / 1e4))
const traced = ({ gate, first, pairs }: FixtureRound): TracedRound => ({
  gate,
  first,
  effects: pairs.map(effectOf),
})
const pools = conditions.map((condition) =>
  fixture.rounds.filter((round) => round.condition === condition).map(traced),
)

/** The effects on a machine ten times as noisy, with a candidate exactly as slow as is tolerated. */
const atTheEdge = (simulated: SimulatedRounds): SimulatedRounds =>
  simulated.map((effects) => effects.map((effect) => 10 * effect + Math.log(toleranceRatio)))

/** The same rounds with every assignment of roles that there is. */
const assigned = (simulated: SimulatedRounds, assignment: number): SimulatedRounds =>
  simulated.map((effects, round) => effects.map((effect) => (assignment & (1 << round) ? -effect : effect)))

/** What is wrong with a gate, one sentence each; nothing when it is honest and finds what it should. */
function* flaws(gate: GateParts): Generator<string> {
  yield* believedCollapse(gate)
  yield* falseAlarmsOverAllRoles(gate)
  yield* orderEffects(gate)
  yield* missedTails(gate)
  yield* missedTenPercent(gate)
  yield* falseAlarmsOverAllLooks(gate)
}

function* believedCollapse({ decide, rule }: GateParts): Generator<string> {
  const series = { round: [1, 2], block: [0, 0], value: [1, 1], samples: [200, 200] }
  const empty = { round: [], block: [], value: [], samples: [] }
  const { word } = decide(
    [
      { id: 'Q1', baseline: series, candidate: series },
      { id: 'Q2', baseline: series, candidate: empty },
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
    const recorded = pool.slice(0, count).map(({ effects }) => effects.slice(0, of))
    const assignments = 2 ** count
    const roundsOf = (assignment: number) => atTheEdge(assigned(recorded, assignment))
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
      ({ first, effects }) =>
        effects.map((effect) => secondIsSlower + (first === gateSides.baseline ? effect : -effect)),
      randomSequence(streamKey(5, 'order', String(place))),
    )
    const { words, gates } = simulateGates(
      40,
      (gate) =>
        draw().map((effects, round) =>
          effects.map((effect) => (roles(gate, round + 1)[0] === 0 ? effect : -effect)),
        ),
      () => null,
      rule,
      decide,
    )
    // With 1 %, four of forty are a case of one in 2000.
    if (words.fail >= 4) yield `${words.fail} of ${gates} fail for the order of the sides`
  }
}

function* missedTails({ decide, rule, quantity }: GateParts): Generator<string> {
  for (const tail of fixture.slowTails) {
    const pool = tail[quantity].map((pairs) => ({
      gate: tail.gate,
      first: gateSides.baseline,
      effects: [effectOf(pairs)],
    }))
    const draw = drawFromAll(pool, rounds, asRecorded, randomSequence(tail.gate))
    const { found, gates } = simulateGates(10, draw, () => 0, rule, decide)
    if (found < gates) yield `${gates - found} of ${gates} miss a slower tail`
  }
}

function* missedTenPercent({ decide, rule }: GateParts): Generator<string> {
  for (const [place, pool] of pools.entries()) {
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
    (gate) => atTheEdge(draws[gate % draws.length]?.() ?? []),
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
  const weakened = await import('../measure/decide-gate.ts')
  return weakened.decideGate
}

const firstFlaw = (gate: Partial<GateParts>): string | undefined =>
  flaws({ ...shipped, ...gate }).next().value as string | undefined

describe('recorded rounds of three conditions', () => {
  test('are at least forty of each', () => {
    for (const pool of pools) expect(pool.length).toBeGreaterThanOrEqual(40)
    expect(fixture.slowTails.length).toBeGreaterThan(0)
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
        all.filter(({ candidate }) => candidate.value.length > 0),
        rule,
      )
    expect(firstFlaw({ decide })).toBe('undecided for a candidate that measured nothing')
  })

  const looks = (alpha: number, from: number) =>
    Array.from({ length: rounds - from + 1 }, (_, place) => ({ rounds: from + place, alpha }))

  test.each<[string, Partial<GateParts>, RegExp]>([
    ['whose roles are not tossed', { roles: () => [0, 1] }, /fail for the order of the sides/],
    ['that drops its tolerance', { rule: { ...rule, toleranceRatio: 1 } }, /fail at the tolerance/],
    [
      'that looks after every round at 1 %',
      { rule: { ...rule, budget: looks(0.01, 8) } },
      /fail at the tolerance/,
    ],
    [
      'that looks again after every round from the twelfth on',
      { rule: { ...rule, budget: [...gateBudget.slice(0, 1), ...looks(0.01, 12)] } },
      /fail at the tolerance over all looks/,
    ],
    ['that compares medians', { quantity: 'p50' }, /miss a slower tail/],
    ['that lets 30 % pass', { rule: { ...rule, smallestEffectRatio: 1.3 } }, /finds \d+ of 300/],
    ['that tolerates 8 %', { rule: { ...rule, toleranceRatio: 1.08 } }, /finds \d+ of 300/],
    [
      'that takes one look with next to no error',
      { rule: { ...rule, budget: [{ rounds: 18, alpha: 1e-5 }] } },
      /./,
    ],
  ])('%s', (_, gate, flaw) => {
    expect(firstFlaw(gate)).toMatch(flaw)
  })
})
