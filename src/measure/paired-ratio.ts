import { hodgesLehmann } from '../stats/hodges-lehmann.ts'
import { roundEffects, type SliceSeries } from './round-effects.ts'
import { signedRankInterval, type Interval } from '../stats/signed-rank.ts'

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

/** See `PairedRatio`. `confidence` is two-sided, such as 0.95. */
export function pairedRatio(candidate: SliceSeries, baseline: SliceSeries, confidence: number): PairedRatio {
  const rounds = [...roundEffects(candidate, baseline).values()]
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
