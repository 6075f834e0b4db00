import { hodgesLehmann } from '../stats/hodges-lehmann.ts'
import type { SliceSeries } from './round-effects.ts'
import { signedRankBounds } from '../stats/signed-rank.ts'

/** The level of a quantity over rounds: a point, and one-sided bounds that each fail with probability `alpha` at most. */
export interface RoundLevel {
  readonly rounds: number
  readonly estimate: number
  /** 0 and Infinity where so few rounds cannot reach the error asked for. */
  readonly low: number
  readonly high: number
  /** The exact error of each bound; 0 where there is none. */
  readonly alpha: number
}

/**
 * The level of a positive quantity over rounds, such as a 95th percentile: Hodges-Lehmann of the logarithms of a round's
 * slices → exact signed-rank bounds over rounds, as for ratios. The unit of inference is the round: slices of one process
 * share what that process met. Undefined without a single positive value.
 */
export function roundLevel({ round, value }: SliceSeries, alpha: number): RoundLevel | undefined {
  const byRound = new Map<number, number[]>()
  round.forEach((number, i) => {
    const at = value[i] ?? 0
    if (!(at > 0)) return
    const logs = byRound.get(number) ?? []
    byRound.set(number, logs)
    logs.push(Math.log(at))
  })
  const levels = [...byRound.values()].map((logs) => hodgesLehmann(logs))
  if (levels.length === 0) return undefined
  const bounds = signedRankBounds(levels, alpha)
  return {
    rounds: levels.length,
    estimate: Math.exp(hodgesLehmann(levels)),
    low: bounds === undefined ? 0 : Math.exp(bounds.low.value),
    high: bounds === undefined ? Infinity : Math.exp(bounds.high.value),
    alpha: bounds?.low.alpha ?? 0,
  }
}
