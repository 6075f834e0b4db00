import type { GateOperation, GateSeries } from '../measure/decide-gate.ts'
import { roundEffects, type SliceSeries } from '../measure/round-effects.ts'
import type { gateSides } from '../run/gate-run.ts'
import { campaignSubject } from './cells.ts'
import type { GateRecord, PairColumns, PairQuantity } from './records.ts'

/** What one recorded round says. */
export interface TracedRound {
  /** Place of its gate in the campaign. */
  readonly gate: number
  readonly first: keyof typeof gateSides
  /** ln(candidate / baseline) of each operation, in the order of `campaignSubject`. */
  readonly effects: readonly number[]
}

/** No gate looks earlier: so many rounds of every gate have all operations, whatever it found. */
export const roundsOfAll = 8

/**
 * The rounds before a gate's first look. Later ones measure only what is undecided then, and taking them where they
 * exist would choose data by their outcome.
 */
export function tracedRounds(record: GateRecord, quantity: PairQuantity = 'p95'): readonly TracedRound[] {
  const effects = campaignSubject.operations.map((operation) => effectsOf(record, operation, quantity))
  return record.rounds.slice(0, roundsOfAll).flatMap(({ round, first }) => {
    const each = effects.map((ofRound) => ofRound.get(round))
    const complete = each.every((effect) => effect !== undefined)
    return complete ? [{ gate: record.index, first, effects: each }] : []
  })
}

/** ln(candidate / baseline) of one operation in every round that has it. */
export function effectsOf(
  { pairs }: GateRecord,
  operation: string,
  quantity: PairQuantity,
): ReadonlyMap<number, number> {
  const columns = pairs[operation]
  const sides = columns?.[quantity]
  if (columns === undefined || sides === undefined) return new Map()
  const [baseline, candidate] = sides.map((value) => seriesOf(columns, value))
  return baseline === undefined || candidate === undefined ? new Map() : roundEffects(candidate, baseline)
}

/** Columns are parallel: the place of a pair stands for its block. */
const seriesOf = ({ round }: PairColumns, value: readonly number[]): SliceSeries => ({
  round,
  block: value.map((_, place) => place),
  value,
})

/** The pairs of a recorded gate as `decideGate` takes them. */
export function recordedOperations({ pairs }: GateRecord): readonly GateOperation[] {
  return campaignSubject.operations.map((id) => {
    const columns = pairs[id]
    const side = (index: 0 | 1): GateSeries => {
      const value = columns?.p95[index] ?? []
      return columns === undefined
        ? { round: [], block: [], value, samples: [] }
        : { ...seriesOf(columns, value), samples: value.map(() => columns.samplesPerPair) }
    }
    return { id, baseline: side(0), candidate: side(1) }
  })
}
