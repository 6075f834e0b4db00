import {
  decideGate,
  type GateDecision,
  type GateOperation,
  type GateRule,
} from '../../../src/stats/decide-gate.ts'
import { gateAnalyses } from '../../../src/stats/interim-analyses.ts'
import type { RoundEvidence } from '../../../src/stats/round-evidence.ts'
import type { TracedRound } from '../records/gate-trace.ts'

/** What a simulated gate's rounds say, by round and then by operation. */
export type SimulatedRounds = readonly (readonly RoundEvidence[])[]

/** What became of simulated gates. */
export interface SimulatedGates {
  readonly gates: number
  readonly statuses: Readonly<Record<GateDecision['status'], number>>
  /** Gates in which the operation that was made slower failed. */
  readonly found: number
  /** Single operations that failed, made slower or not. */
  readonly failedOperations: number
  /** Rounds that each gate needed. */
  readonly rounds: readonly number[]
}

/** The decision that is put to the test: the one shipped, unless a test weakens it. */
export type Decide = (operations: readonly GateOperation[], rule: GateRule) => GateDecision

/** Rounds that a gate of so many operations takes at most. */
export const mostRounds = (operations: number, rule: GateRule): number =>
  gateAnalyses(operations, rule.budget).at(-1)?.rounds ?? 0

/**
 * Decides simulated gates as real ones are decided. All rounds are there from the start: rounds after the analysis that
 * decided change nothing, and a gate ends with the first operation that fails.
 * @param roundsOf the rounds of the i-th gate, as many as a gate may take
 * @param slowed the operation that is slower in the i-th gate; null when none is
 */
export function simulateGates(
  gates: number,
  roundsOf: (gate: number) => SimulatedRounds,
  slowed: (gate: number) => number | null,
  rule: GateRule,
  decide: Decide = decideGate,
): SimulatedGates {
  const statuses = { pass: 0, improved: 0, fail: 0, inconclusive: 0, undecided: 0, invalid: 0 }
  const rounds: number[] = []
  let found = 0
  let failedOperations = 0
  for (let gate = 0; gate < gates; gate++) {
    const { status, operations } = decide(simulatedOperations(roundsOf(gate)), rule)
    statuses[status]++
    const failed = operations.filter((operation) => operation.status === 'fail')
    failedOperations += failed.length
    if (failed.some(({ operation }) => operation === String(slowed(gate)))) found++
    rounds.push(roundsNeeded(status === 'fail' ? failed : operations, status))
  }
  return { gates, statuses, found, failedOperations, rounds }
}

function roundsNeeded(deciding: GateDecision['operations'], status: GateDecision['status']): number {
  const needed = deciding.map((each) => (each.status === 'invalid' ? 0 : (each.ratio?.rounds ?? 0)))
  return status === 'fail' ? Math.min(...needed) : Math.max(...needed)
}

const simulatedOperations = (rounds: SimulatedRounds): readonly GateOperation[] =>
  (rounds[0] ?? []).map((_, operation) => ({
    id: String(operation),
    rounds: rounds.flatMap((each, place) => {
      const evidence = each[operation]
      return evidence === undefined ? [] : [{ ...evidence, round: place + 1 }]
    }),
  }))

/** Turns a recorded round into one of a simulated gate. */
export type Orient = (round: TracedRound, random: () => number) => readonly RoundEvidence[]

/** The same round with the sides the other way round. */
export const swapped = ({ round, effect, samples, slow }: RoundEvidence): RoundEvidence => ({
  round,
  effect: effect === null ? null : -effect,
  samples: { baseline: samples.candidate, candidate: samples.baseline },
  slow: { pairs: slow.pairs, baseline: slow.candidate, candidate: slow.baseline },
})

/** The same round with something added to its logarithm. */
export const shifted = (evidence: RoundEvidence, by: number): RoundEvidence => ({
  ...evidence,
  effect: evidence.effect === null ? null : evidence.effect + by,
})

/** With equal sides, which is the candidate is a toss: recorded rounds hold either way, jointly for all operations. */
export const tossed: Orient = ({ operations }, random) =>
  random() < 0.5 ? operations.map(swapped) : operations

/** As recorded: for rounds with a slowdown in the candidate. */
export const asRecorded: Orient = ({ operations }) => operations

/** Draws the rounds of simulated gates, with replacement, from all recorded rounds. */
export function drawFromAll(
  pool: readonly TracedRound[],
  count: number,
  orient: Orient,
  random: () => number,
): () => SimulatedRounds {
  return () => Array.from({ length: count }, () => orient(pickOf(pool, random), random))
}

/** As `drawFromAll`, but the rounds of one simulated gate come from one recorded gate: its noise lasts as long as it does. */
export function drawFromOneGate(
  pool: readonly TracedRound[],
  count: number,
  orient: Orient,
  random: () => number,
): () => SimulatedRounds {
  const byGate = new Map<number, TracedRound[]>()
  for (const round of pool) byGate.set(round.gate, [...(byGate.get(round.gate) ?? []), round])
  const gates = [...byGate.values()]
  return () => drawFromAll(pickOf(gates, random), count, orient, random)()
}

function pickOf<T>(values: readonly T[], random: () => number): T {
  const value = values[Math.floor(random() * values.length)]
  if (value === undefined) throw new RangeError('no rounds are recorded to draw from')
  return value
}

/** Makes one operation of every round slower by an exact factor. */
export const slower = (rounds: SimulatedRounds, operation: number | null, dose: number): SimulatedRounds =>
  operation === null || dose === 0
    ? rounds
    : rounds.map((each) =>
        each.map((evidence, place) =>
          place === operation ? shifted(evidence, Math.log(1 + dose)) : evidence,
        ),
      )

/** The rounds on a machine so many times as noisy, with a candidate exactly as slow as `ratio` says. */
export const noisier = (rounds: SimulatedRounds, times: number, ratio: number): SimulatedRounds =>
  rounds.map((each) =>
    each.map((evidence) => shifted(evidence, (times - 1) * (evidence.effect ?? 0) + Math.log(ratio))),
  )

/** The same rounds with one of all assignments of roles: bit by bit, whether a round's sides are the other way round. */
export const assigned = (rounds: SimulatedRounds, assignment: number): SimulatedRounds =>
  rounds.map((each, round) => (assignment & (1 << round) ? each.map(swapped) : each))
