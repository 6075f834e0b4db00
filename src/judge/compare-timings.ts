import { findTiming, sampledRounds } from '../run/timed-rounds.ts'
import type { Run, Timing } from '../run/run.ts'
import type { Comparison, ComparisonStatus, RatioOf } from '../run/verdict.ts'
import { pairedRatio, type OverRounds } from '../stats/over-rounds.ts'

/** A ratio within ± 5 % of 1 makes no difference that anybody feels, however sure it is. */
export const negligible = 0.05

/**
 * An interval must leave out ± 2 %, not only 1, to be called a difference: two copies of one database differ by that
 * much between processes, and a table of a hundred rows holds five intervals that leave out the truth.
 */
const tolerated = 0.02

/**
 * The word for a ratio of times: `no difference` when the whole interval lies within ± 5 % of 1, else `faster` or
 * `slower` when the whole interval lies beyond 2 % on that side, else `inconclusive`.
 */
export function comparisonStatus(ratio: OverRounds): ComparisonStatus {
  if (ratio.state !== 'measured') return 'inconclusive'
  const { low, high } = ratio.interval
  if (low >= 1 - negligible && high <= 1 + negligible) return 'no difference'
  if (high < 1 / (1 + tolerated)) return 'faster'
  if (low > 1 + tolerated) return 'slower'
  return 'inconclusive'
}

/** Every operation on every variant that was timed together with the variant it is compared with. */
export const compareTimings = ({ scenarios, settings }: Run): readonly Comparison[] =>
  scenarios.flatMap((scenario) =>
    scenario.timings.flatMap((timing) => {
      const { operation, variant } = timing
      const versus = scenario.variants.find(({ id }) => id === variant)?.versus ?? null
      const other = versus === null ? undefined : findTiming(scenario, operation, versus)
      return versus === null || other === undefined
        ? []
        : [
            {
              scenario: scenario.id,
              operation,
              variant,
              versus,
              ...ratios(timing, other, settings.confidence),
            },
          ]
    }),
  )

/** Compares two timings of one operation whose slices shared their blocks. */
function ratios(
  candidate: Timing,
  other: Timing,
  confidence: number,
): Pick<Comparison, 'p50' | 'p95' | 'mean'> {
  const of = (quantity: 'p50' | 'p95' | 'mean'): RatioOf => {
    const ratio = pairedRatio(sampledRounds(candidate), sampledRounds(other), quantity, confidence)
    return { ratio, status: comparisonStatus(ratio) }
  }
  return { p50: of('p50'), p95: of('p95'), mean: of('mean') }
}
