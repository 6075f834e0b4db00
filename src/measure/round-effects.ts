import { hodgesLehmann } from '../stats/hodges-lehmann.ts'

/** One quantity per slice, in parallel arrays: which round and block it belongs to, and its value (> 0). */
export interface SliceSeries {
  readonly round: readonly number[]
  readonly block: readonly number[]
  readonly value: readonly number[]
}

const key = (round: number | undefined, block: number | undefined): string => `${round}/${block}`

/**
 * What each round says of candidate against baseline: the Hodges-Lehmann estimate of ln(candidate / baseline) over its
 * pairs, that is over slices of the same block of the same round. In the order in which the rounds first appear in
 * `candidate`; slices without a partner, or with a value that is no positive number, count nothing.
 */
export function roundEffects(candidate: SliceSeries, baseline: SliceSeries): ReadonlyMap<number, number> {
  const baselineAt = new Map(
    baseline.value.map((value, i) => [key(baseline.round[i], baseline.block[i]), value]),
  )
  const byRound = new Map<number, number[]>()
  candidate.value.forEach((value, i) => {
    const round = candidate.round[i]
    const other = baselineAt.get(key(round, candidate.block[i]))
    if (round === undefined || other === undefined || !(value > 0) || !(other > 0)) return
    const logs = byRound.get(round) ?? []
    byRound.set(round, logs)
    logs.push(Math.log(value / other))
  })
  return new Map([...byRound].map(([round, logs]) => [round, hodgesLehmann(logs)]))
}
