import { roundOrder } from '../../../src/engine/experiment/plan-round.ts'
import { gateSides } from '../../../src/run/gate/gate-run.ts'
import { decideGate, type GateOperation, type GateRule } from '../../../src/stats/decide-gate.ts'
import { campaignSubject } from '../records/cells.ts'
import { effectsOf, recordedOperations, roundsOfAll, tracedRounds } from '../records/gate-trace.ts'
import type { GateRecord } from '../records/records.ts'
import { shifted, swapped, type Orient } from './resample.ts'

/**
 * Roles as a careless gate gives them: the baseline always first. `bias` is added to what the second side takes longer,
 * so that it stands for an order effect larger than what was recorded.
 */
export const fixedRoles =
  (bias: number): Orient =>
  ({ first, operations }) =>
    operations.map((each) => shifted(first === gateSides.baseline ? each : swapped(each), bias))

/** The same order effect with roles as they are: the side that comes second is a toss. */
export const tossedRoles = (bias: number): Orient => {
  const second = fixedRoles(bias)
  return (round, random) => {
    const each = second(round, random)
    return random() < 0.5 ? each.map(swapped) : each
  }
}

/** What the side that was opened second took longer, in rounds of equal sides: ln ratios, by operation. */
export const orderEffects = (gates: readonly GateRecord[], operation: number): readonly number[] =>
  gates.flatMap((gate) =>
    tracedRounds(gate).map((round) => fixedRoles(0)(round, Math.random)[operation]?.effect ?? 0),
  )

/**
 * The share of all assignments of the roles to a gate's rounds that look as bad for the candidate as the real one, or
 * worse: the p value of the signed-rank test, with one half of those that look the same, so that it is uniform in the
 * middle too. One for each operation of each gate of equal sides.
 */
export function permutationShares(gates: readonly GateRecord[]): readonly number[] {
  return gates.flatMap((gate) =>
    campaignSubject.operations.flatMap((operation) => {
      const effects = [...effectsOf(gate, operation, 'p95').values()].slice(0, roundsOfAll)
      return effects.length < roundsOfAll ? [] : [permutationShare(effects)]
    }),
  )
}

function permutationShare(effects: readonly number[]): number {
  const byRank = effects.toSorted((a, b) => Math.abs(a) - Math.abs(b))
  const sum = byRank.reduce((total, effect, place) => total + (effect > 0 ? place + 1 : 0), 0)
  let worse = 0
  const assignments = 2 ** byRank.length
  for (let signs = 0; signs < assignments; signs++) {
    let other = 0
    for (let place = 0; place < byRank.length; place++) if (signs & (1 << place)) other += place + 1
    worse += other > sum ? 1 : other === sum ? 0.5 : 0
  }
  return worse / assignments
}

/** Largest distance of the shares from uniform (Kolmogorov and Smirnov), and what chance leaves below in 95 of 100. */
export function distanceFromUniform(shares: readonly number[]): {
  readonly distance: number
  readonly usual: number
} {
  const sorted = shares.toSorted((a, b) => a - b)
  const n = sorted.length
  const distance = Math.max(...sorted.map((share, i) => Math.max((i + 1) / n - share, share - i / n)))
  return { distance, usual: 1.358 / Math.sqrt(n) }
}

/** Of how many gates the verdict follows again from the recorded rounds, and the roles again from the seed. */
export function replayed(
  gates: readonly GateRecord[],
  rule: GateRule,
): { readonly gates: number; readonly words: number; readonly roles: number } {
  const decided = gates.filter(({ status }) => status !== 'error')
  const sameWord = decided.filter((gate) => {
    const { status } = decideGate(recordedOperations(gate), rule)
    return gate.status === (status === 'undecided' ? 'inconclusive' : status)
  })
  const sameRoles = decided.filter(({ rounds, orderSeed }) =>
    rounds.every(({ round, first }) => {
      const side = roundOrder([0, 1], orderSeed, round)[0] === 0 ? gateSides.baseline : gateSides.candidate
      return side === first
    }),
  )
  return { gates: decided.length, words: sameWord.length, roles: sameRoles.length }
}

/** Of how many gates a candidate that measured nothing, or too little, in one operation makes the verdict INVALID. */
export function collapsed(
  gates: readonly GateRecord[],
  rule: GateRule,
): { readonly gates: number; readonly nothing: number; readonly tooLittle: number } {
  const isInvalid = (gate: GateRecord, change: (operation: GateOperation) => GateOperation): boolean => {
    const [first, ...others] = recordedOperations(gate)
    return first !== undefined && decideGate([change(first), ...others], rule).status === 'invalid'
  }
  const decided = gates.filter(({ status }) => status !== 'error')
  return {
    gates: decided.length,
    nothing: decided.filter((gate) => isInvalid(gate, (each) => ({ ...each, rounds: [] }))).length,
    // A round with too few samples has no effect.
    tooLittle: decided.filter((gate) =>
      isInvalid(gate, ({ id, rounds }) => ({
        id,
        rounds: rounds.map((each) => ({ ...each, effect: null })),
      })),
    ).length,
  }
}
