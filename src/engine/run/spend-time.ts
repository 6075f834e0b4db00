import { fewestSamples } from '../../stats/levelled-round.ts'
import { leadInSamples, type CutSettings } from '../experiment/cut-operation.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'
import { sideKeys, type Medians, type RoundTimes } from '../experiment/plan-round.ts'

/** What a round has time for. */
export interface TimeBudget extends CutSettings {
  /** Milliseconds of a round for all operations on all variants, with the calls that do not count. */
  readonly roundMs: number
  /** Operations on variants that a claim names, by `sideKey`. */
  readonly claimed: ReadonlySet<string>
}

/** A few more than a quantile needs: what a busy machine does not get done would leave the cell empty. */
const margin = 1.15
const leastSamples = 4

/**
 * Divides the time of a round among operations and variants: the same for each, as far as that is of use. What a claim
 * names gets up to ten times as much, until it has the samples of a 95th percentile; none gets more than a 99th
 * percentile needs, or less than 4 samples.
 */
export function spendTime(
  open: readonly DrawnOperation[],
  medians: Medians,
  { roundMs, claimed, sliceMs, warmupMs }: TimeBudget,
): RoundTimes {
  const sides = sideKeys(open).map((key) => ({ key, medianMs: (medians.get(key) ?? 1e6) / 1e6 }))
  const timesAt = (fairMs: number): RoundTimes =>
    new Map(
      sides.map(({ key, medianMs }) => {
        const samples = (wanted: number): number => wanted * medianMs
        const p95Ms = claimed.has(key) ? Math.min(samples(fewestSamples.p95 * margin), fairMs * 10) : 0
        const fair = Math.min(fairMs, samples(fewestSamples.p99 * margin))
        return [key, Math.max(fair, p95Ms, samples(leastSamples))]
      }),
    )
  const costMs = ({ key, medianMs }: (typeof sides)[number], times: RoundTimes): number => {
    const timedMs = times.get(key) ?? 0
    const slices = Math.max(timedMs / Math.max(sliceMs, medianMs), 1)
    return timedMs + slices * leadInSamples(medianMs * 1e6) * medianMs + warmupMs
  }
  const sum = (times: RoundTimes): number => sides.reduce((total, side) => total + costMs(side, times), 0)
  let low = 0.1
  let high = roundMs
  for (let step = 0; step < 30; step++) {
    const middle = Math.sqrt(low * high)
    if (sum(timesAt(middle)) > roundMs) high = middle
    else low = middle
  }
  return timesAt(low)
}
