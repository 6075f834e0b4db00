import type { gateSides } from '../../../src/run/gate/gate-run.ts'
import type { GateOperation } from '../../../src/stats/decide-gate.ts'
import type { RoundEvidence } from '../../../src/stats/round-evidence.ts'
import { campaignSubject } from './cells.ts'
import type { EffectQuantity, GateRecord } from './records.ts'

/** What one recorded round says. */
export interface TracedRound {
  /** Place of its gate in the campaign. */
  readonly gate: number
  readonly first: keyof typeof gateSides
  /** Of each operation, in the order of `campaignSubject`. */
  readonly operations: readonly RoundEvidence[]
}

/** No gate looks earlier: so many rounds of every gate have all operations, whatever it found. */
export const roundsOfAll = 8

/**
 * The rounds before a gate's first look. Later ones measure only what is undecided then, and taking them where they
 * exist would choose data by their outcome.
 */
export function tracedRounds(record: GateRecord): readonly TracedRound[] {
  return record.rounds.slice(0, roundsOfAll).flatMap(({ round, first }) => {
    const operations = campaignSubject.operations.flatMap((id) =>
      (record.evidence[id]?.evidence ?? []).filter((each) => each.round === round && each.effect !== null),
    )
    return operations.length === campaignSubject.operations.length
      ? [{ gate: record.index, first, operations }]
      : []
  })
}

/** ln(candidate / baseline) of one operation in every round that has it. */
export function effectsOf(
  { evidence }: GateRecord,
  operation: string,
  quantity: EffectQuantity,
): ReadonlyMap<number, number> {
  const recorded = evidence[operation]
  const rounds = recorded?.evidence ?? []
  return new Map(
    rounds.flatMap(({ round, effect }, place) => {
      const value = quantity === 'p95' ? effect : (recorded?.effects[quantity][place] ?? null)
      return value === null ? [] : [[round, value] as const]
    }),
  )
}

/** A recorded gate as `decideGate` takes it. */
export const recordedOperations = ({ evidence }: GateRecord): readonly GateOperation[] =>
  campaignSubject.operations.map((id) => ({ id, rounds: evidence[id]?.evidence ?? [] }))
