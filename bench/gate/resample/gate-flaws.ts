import { gateSettings } from '../../../src/engine/gate/gate-settings.ts'
import { roundOrder } from '../../../src/engine/experiment/plan-round.ts'
import { decideGate, type GateRule } from '../../../src/stats/decide-gate.ts'
import { gateBudget } from '../../../src/stats/interim-analyses.ts'
import { randomSequence, streamKey } from '../../../src/random/random.ts'
import { gateSides } from '../../../src/run/gate/gate-run.ts'
import type { RoundEvidence } from '../../../src/stats/round-evidence.ts'
import { campaignSubject, type SlowdownKind } from '../records/cells.ts'
import { effectsOf, tracedRounds, type TracedRound } from '../records/gate-trace.ts'
import { gatesWith, measuredConditions } from '../records/real-gates.ts'
import { readRecords } from '../records/record-files.ts'
import { fixedRoles } from './negative-controls.ts'
import {
  asRecorded,
  assigned,
  drawFromAll,
  mostRounds,
  noisier,
  simulateGates,
  slower,
  swapped,
  tossed,
  type Decide,
} from './resample.ts'

/**
 * The short form of `npm run validate:gate`: some of the committed gates, and the flaws that it looks for. Seeded, so that it
 * says the same on every machine.
 */
const records = await readRecords()

/** Rounds of a gate with a slowdown in the slowest samples, or with stalls: of its operation. */
export interface SlowedRounds {
  readonly gate: number
  readonly slowdown: SlowdownKind
  readonly rounds: readonly RoundEvidence[]
  /** ln ratios of its median. */
  readonly p50: readonly number[]
}

/** The first recorded gate with each of these slowdowns. */
export const slowed: readonly SlowedRounds[] = (['held-7', 'stall'] as const).flatMap((slowdown) =>
  gatesWith(records, [slowdown])
    .slice(0, 1)
    .map((gate) => {
      const place = campaignSubject.operations.findIndex((id) => id === gate.operation)
      const rounds = tracedRounds(gate).flatMap(({ operations }) => operations[place] ?? [])
      const effects = effectsOf(gate, gate.operation ?? '', 'p50')
      return { gate: gate.index, slowdown, rounds, p50: rounds.map(({ round }) => effects.get(round) ?? 0) }
    }),
)

/** What makes up the gate, and may be weakened. */
export interface GateParts {
  readonly rule: GateRule
  readonly decide: Decide
  readonly roles: (seed: number, round: number) => readonly number[]
  /** What a round with a slowdown in its tail says. */
  readonly tail: (slowdown: SlowedRounds) => readonly RoundEvidence[]
}

export const { rule } = gateSettings({ seed: 0, orderSeed: 0, scale: 1, maxSeconds: 1 })
export const shipped: GateParts = {
  rule,
  decide: decideGate,
  roles: (seed, round) => roundOrder([0, 1], seed, round),
  tail: ({ rounds }) => rounds,
}

const toleranceRatio = 1.02
const operations = 3
export const rounds = mostRounds(operations, rule)

const fewestRounds = 40
const recorded = measuredConditions(records)
  .map((condition) => ({ condition, pool: gatesWith(records, ['none'], condition).flatMap(tracedRounds) }))
  .filter(({ pool }) => pool.length >= fewestRounds)
/** Recorded rounds of equal sides, of each condition that has enough of them. */
export const pools: readonly (readonly TracedRound[])[] = recorded.map(({ pool }) => pool)

/** What is wrong with a gate, one sentence each; nothing when it is honest and finds what it should. */
export function* flaws(gate: GateParts): Generator<string> {
  yield* believedCollapse(gate)
  yield* falseAlarmsOverAllRoles(gate)
  yield* orderEffects(gate)
  yield* missedSlowdowns(gate)
  yield* missedTenPercent(gate)
  yield* falseAlarmsOverAllLooks(gate)
}

function* believedCollapse({ decide, rule }: GateParts): Generator<string> {
  const measured = pools[0]?.slice(0, 2).flatMap(({ operations: [first] }) => first ?? []) ?? []
  const { status } = decide(
    [
      { id: 'Q1', rounds: measured.map((each, place) => ({ ...each, round: place + 1 })) },
      { id: 'Q2', rounds: [] },
    ],
    rule,
  )
  if (status !== 'invalid') yield `${status} for a candidate that measured nothing`
}

/** Exact: the roles are the only thing that is random. One of each condition's gates alone, and one of three operations. */
export function* falseAlarmsOverAllRoles({ decide, rule }: GateParts): Generator<string> {
  const alpha = gateBudget[0]?.alpha ?? 0
  const cases = [
    ...pools.flatMap((pool) => [10, 1].map((times) => ({ pool, count: 8, of: 1, times }))),
    { pool: pools.at(-1) ?? [], count: 10, of: operations, times: 10 },
  ]
  for (const { pool, count, of, times } of cases) {
    const recorded = pool.slice(0, count).map((round) => round.operations.slice(0, of))
    const assignments = 2 ** count
    const roundsOf = (assignment: number) => noisier(assigned(recorded, assignment), times, toleranceRatio)
    const { statuses } = simulateGates(assignments, roundsOf, () => null, rule, decide)
    if (statuses.fail > alpha * assignments) {
      yield `${statuses.fail} of ${assignments} assignments of roles fail at the tolerance, with ${of} operations`
    }
  }
}

function* orderEffects({ decide, rule, roles }: GateParts): Generator<string> {
  const secondIsSlower = 0.1
  for (const [place, pool] of pools.entries()) {
    const random = randomSequence(streamKey(5, 'order', String(place)))
    const draw = drawFromAll(pool, rounds, fixedRoles(secondIsSlower), random)
    const { statuses, gates } = simulateGates(
      40,
      (gate) => draw().map((each, round) => (roles(gate, round + 1)[0] === 0 ? each : each.map(swapped))),
      () => null,
      rule,
      decide,
    )
    // With 1 %, four of forty are a case of one in 2000.
    if (statuses.fail >= 4) yield `${statuses.fail} of ${gates} fail for the order of the sides`
  }
}

function* missedSlowdowns({ decide, rule, tail }: GateParts): Generator<string> {
  for (const slowdown of slowed) {
    const pool = tail(slowdown).map((each) => ({
      gate: slowdown.gate,
      first: gateSides.baseline,
      operations: [each],
    }))
    const draw = drawFromAll(pool, rounds, asRecorded, randomSequence(slowdown.gate))
    const { found, gates } = simulateGates(20, draw, () => 0, rule, decide)
    if (found < 0.8 * gates) yield `${gates - found} of ${gates} miss ${slowdown.slowdown}`
  }
}

function* missedTenPercent({ decide, rule }: GateParts): Generator<string> {
  for (const { condition, pool } of recorded) {
    const simulate = (dose: number, gates: number) => {
      const draw = drawFromAll(pool, rounds, tossed, randomSequence(streamKey(6, condition, String(dose))))
      const slowed = (gate: number): number => gate % operations
      return simulateGates(gates, (gate) => slower(draw(), slowed(gate), dose), slowed, rule, decide)
    }
    const equal = simulate(0, 150)
    if (equal.statuses.fail > 0.01 * equal.gates) yield `${condition}: ${equal.statuses.fail} false alarms`
    if (equal.statuses.inconclusive > 0.05 * equal.gates) yield `${condition}: equal sides are inconclusive`
    const slow = simulate(0.1, 300)
    if (slow.found < 0.95 * slow.gates) yield `${condition}: finds ${slow.found} of ${slow.gates} at +10 %`
    // 1 % and three standard errors.
    if (slow.statuses.pass > 0.027 * slow.gates) yield `${condition}: ${slow.statuses.pass} pass at +10 %`
  }
}

function* falseAlarmsOverAllLooks({ decide, rule }: GateParts): Generator<string> {
  const draws = pools.map((pool, place) =>
    drawFromAll(pool, rounds, tossed, randomSequence(streamKey(7, 'looks', String(place)))),
  )
  const { statuses, gates } = simulateGates(
    1500,
    (gate) => noisier(draws[gate % draws.length]?.() ?? [], 10, toleranceRatio),
    () => null,
    rule,
    decide,
  )
  // 1 % and three standard errors.
  if (statuses.fail > 0.0177 * gates)
    yield `${statuses.fail} of ${gates} fail at the tolerance over all looks`
}
