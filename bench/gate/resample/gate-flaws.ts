import { readFileSync } from 'node:fs'
import { gateSettings } from '../../../src/engine/gate/gate-settings.ts'
import { roundOrder } from '../../../src/engine/experiment/plan-round.ts'
import { decideGate, type GateRule } from '../../../src/stats/decide-gate.ts'
import { gateBudget } from '../../../src/stats/gate-looks.ts'
import { randomSequence, streamKey } from '../../../src/random/random.ts'
import { gateSides } from '../../../src/run/gate-run.ts'
import type { RoundEvidence } from '../../../src/stats/round-evidence.ts'
import type { TracedRound } from '../records/gate-trace.ts'
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
import type { FixturePlant, FixtureRound, RoundsFixture } from '../records/rounds-fixture.ts'
/**
 * The recorded rounds that the short form of `npm run validate:gate` judges, and the flaws that it looks for. Seeded, so
 * that it says the same on every machine.
 */
export const fixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/gate-rounds.data.json', import.meta.url), 'utf8'),
) as RoundsFixture

/** What makes up the gate, and may be weakened. */
export interface GateParts {
  readonly rule: GateRule
  readonly decide: Decide
  readonly roles: (seed: number, round: number) => readonly number[]
  /** What a round with a plant in its tail says. */
  readonly tail: (plant: FixturePlant) => readonly RoundEvidence[]
  /** What a round of equal sides says. */
  readonly equal: (round: FixtureRound) => TracedRound
}

export const { rule } = gateSettings({ seed: 0, orderSeed: 0, scale: 1, maxSeconds: 1 })
export const shipped: GateParts = {
  rule,
  decide: decideGate,
  roles: (seed, round) => roundOrder([0, 1], seed, round),
  tail: ({ rounds }) => rounds,
  equal: (round) => round,
}

const toleranceRatio = 1.02
const operations = 3
export const rounds = mostRounds(operations, rule)

const conditions = [...new Set(fixture.rounds.map(({ condition }) => condition))]
const poolsOf = ({ equal }: Pick<GateParts, 'equal'>): readonly (readonly TracedRound[])[] =>
  conditions.map((condition) => fixture.rounds.filter((round) => round.condition === condition).map(equal))
export const pools = poolsOf(shipped)

/** What is wrong with a gate, one sentence each; nothing when it is honest and finds what it should. */
export function* flaws(gate: GateParts): Generator<string> {
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
export function* falseAlarmsOverAllRoles({ decide, rule }: GateParts): Generator<string> {
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
