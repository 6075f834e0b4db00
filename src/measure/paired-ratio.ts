import { hodgesLehmann } from './hodges-lehmann.ts'
import { signedRankInterval, type Interval } from './signed-rank.ts'

/** One quantity per slice, in parallel arrays: which round and block it belongs to, and its value (> 0). */
export interface SliceSeries {
  readonly round: readonly number[]
  readonly block: readonly number[]
  readonly value: readonly number[]
}

/**
 * Ratio candidate / baseline of a per-slice quantity, from slices that ran back to back in the same block of the
 * same round: ln ratio per pair → Hodges-Lehmann per round → Hodges-Lehmann over rounds, with the exact
 * signed-rank interval over rounds, because a round (a fresh process) is what varies independently.
 *
 * `inconclusive` when too few rounds were measured for the confidence; then only the estimate stands.
 */
export type PairedRatio =
  | { readonly state: 'measured'; readonly rounds: number; readonly interval: Interval }
  | { readonly state: 'too-few-rounds'; readonly rounds: number; readonly estimate: number }
  | { readonly state: 'no-pairs' }

const key = (round: number | undefined, block: number | undefined): string => `${round}/${block}`

/** See `PairedRatio`. `confidence` is two-sided, such as 0.95. */
export function pairedRatio(candidate: SliceSeries, baseline: SliceSeries, confidence: number): PairedRatio {
  const baselineAt = new Map(
    baseline.value.map((value, i) => [key(baseline.round[i], baseline.block[i]), value]),
  )
  const byRound = new Map<number, number[]>()
  candidate.value.forEach((value, i) => {
    const round = candidate.round[i]
    const other = baselineAt.get(key(round, candidate.block[i]))
    if (round === undefined || other === undefined || !(value > 0) || !(other > 0)) return
    byRound.set(round, [...(byRound.get(round) ?? []), Math.log(value / other)])
  })
  const rounds = [...byRound.values()].map(hodgesLehmann)
  if (rounds.length === 0) return { state: 'no-pairs' }
  const estimate = hodgesLehmann(rounds)
  const interval = signedRankInterval(rounds, confidence, estimate)
  if (interval === undefined) {
    return { state: 'too-few-rounds', rounds: rounds.length, estimate: Math.exp(estimate) }
  }
  return {
    state: 'measured',
    rounds: rounds.length,
    interval: {
      estimate: Math.exp(interval.estimate),
      low: Math.exp(interval.low),
      high: Math.exp(interval.high),
      confidence: interval.confidence,
    },
  }
}
