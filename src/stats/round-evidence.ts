import { levelledQuantity, levelRound, type Quantity } from './levelled-round.ts'
import { quantile, sortNumbers, type SortedNumbers } from './quantile.ts'
import type { SampledRound, SampledSlice } from './sampled-slice.ts'

/** What one round says of a candidate against its baseline: all that a gate decides by. */
export interface RoundEvidence {
  readonly round: number
  /** ln(candidate / baseline) of the quantity; null where a side has too few samples for it. */
  readonly effect: number | null
  /** Timed samples of each side. */
  readonly samples: { readonly baseline: number; readonly candidate: number }
  /** Pairs in which one side alone was slow; see `slowSlices`. */
  readonly slow: SlowSlices
}

/** Pairs of slices, and those of them in which the median of one side was over twice what the other's leads to expect. */
export interface SlowSlices {
  readonly pairs: number
  readonly baseline: number
  readonly candidate: number
}

/** A slice of fewer samples has no median to speak of. */
const fewestSliceSamples = 8

/** What a round says, from the samples of both sides. */
export function roundEvidence(
  candidate: SampledRound,
  baseline: SampledRound,
  quantity: Quantity,
): RoundEvidence {
  const { round } = candidate
  const levelled = levelRound(round, [candidate.slices, baseline.slices])
  const [of, against] = (levelled?.sides ?? []).map((side) => levelledQuantity(side, quantity))
  const isKnown = of !== undefined && against !== undefined && of > 0 && against > 0
  return {
    round,
    effect: isKnown ? Math.log(of / against) : null,
    samples: { baseline: samplesOf(baseline.slices), candidate: samplesOf(candidate.slices) },
    slow: slowSlices(candidate.slices, baseline.slices),
  }
}

const samplesOf = (slices: readonly SampledSlice[]): number =>
  slices.reduce((sum, { sortedNs }) => sum + sortedNs.length, 0)

/**
 * Counts slices that only one side of a pair spent waiting: its own stalls (checkpoints, collections, locks) fill whole
 * slices, which levelling by pairs leaves out of quantiles. A pair counts when its ratio of medians is over twice, or under
 * half, of the round's median ratio.
 */
export function slowSlices(
  candidate: readonly SampledSlice[],
  baseline: readonly SampledSlice[],
): SlowSlices {
  const others = new Map(baseline.map(({ block, sortedNs }) => [block, sortedNs]))
  const logs = candidate.flatMap(({ block, sortedNs }) => {
    const other = others.get(block)
    if (other === undefined || Math.min(sortedNs.length, other.length) < fewestSliceSamples) return []
    return [Math.log(Math.max(medianOf(sortedNs), 1) / Math.max(medianOf(other), 1))]
  })
  if (logs.length === 0) return { pairs: 0, baseline: 0, candidate: 0 }
  const usual = quantile(sortNumbers(logs), 0.5)
  return {
    pairs: logs.length,
    baseline: logs.filter((log) => log - usual < -Math.LN2).length,
    candidate: logs.filter((log) => log - usual > Math.LN2).length,
  }
}

const medianOf = (sorted: Float64Array): number => quantile(sorted as unknown as SortedNumbers, 0.5)
