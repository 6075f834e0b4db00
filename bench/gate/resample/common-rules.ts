import { mean, sampleVariance } from 'simple-statistics'
import { studentQuantile } from '../../../src/stats/beta.ts'
import { quantile, sortNumbers } from '../../../src/stats/quantile.ts'
import { signedRankBounds } from '../../../src/stats/signed-rank.ts'

/** What a rule may look at of one side: a value of every slice, in the order of measuring. */
export interface SideSlices {
  readonly p95: readonly number[]
  readonly mean: readonly number[]
}

/** A decision rule as teams use it: true when it would stop the change. */
export type CommonRule = (baseline: SideSlices, candidate: SideSlices) => boolean

/** Candidate's P95 above a multiple of a P95 that is known of the baseline (github-action-benchmark, k6 beside a number). */
export const ratioAbove =
  (limit: number): CommonRule =>
  (baseline, candidate) =>
    median(candidate.p95) / median(baseline.p95) > limit

/** Mann-Whitney test of the slices, two-sided with p < 0.05, and the candidate's median above (benchstat). */
export const mannWhitney: CommonRule = (baseline, candidate) => {
  if (median(candidate.p95) <= median(baseline.p95)) return false
  return Math.abs(rankSumZ(baseline.p95, candidate.p95)) > twoSided5
}

/**
 * 95 % t interval of the difference of means, looked at again after every pair of slices from the fiftieth on, until it
 * leaves out 0 (tachometer, whose condition for stopping is this and which pays nothing for looking).
 */
export const meanWithT: CommonRule = (baseline, candidate) => {
  for (let n = fewestTSamples; n <= baseline.mean.length; n++) {
    const sides = [baseline.mean.slice(0, n), candidate.mean.slice(0, n)] as const
    const [variance0, variance1] = [sampleVariance(sides[0]) / n, sampleVariance(sides[1]) / n]
    const error = Math.sqrt(variance0 + variance1)
    // Welch and Satterthwaite, for equal numbers.
    const freedom = ((n - 1) * (variance0 + variance1) ** 2) / (variance0 ** 2 + variance1 ** 2)
    const t = (mean(sides[1]) - mean(sides[0])) / error
    if (Math.abs(t) > studentQuantile(0.975, freedom)) return t > 0
  }
  return false
}

/** Pairs in turns in one process, signed ranks of the pairs, lower 99 % bound above 0 (tango, with ranks for its z). */
export const pairedInOneProcess: CommonRule = (baseline, candidate) => {
  const effects = candidate.p95.map((value, place) => Math.log(value / (baseline.p95[place] ?? value)))
  return (signedRankBounds(effects, 0.01)?.low.value ?? 0) > 0
}

const twoSided5 = 1.959964
const fewestTSamples = 50

const median = (values: readonly number[]): number => quantile(sortNumbers(values), 0.5)

/** Standardised rank sum of `b` among both, with mid-ranks and the correction for ties (Hollander & Wolfe §4.1). */
export function rankSumZ(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, of: 'a' })), ...b.map((value) => ({ value, of: 'b' }))].toSorted(
    (x, y) => x.value - y.value,
  )
  let sum = 0
  let ties = 0
  for (let from = 0, to = 0; from < all.length; from = to) {
    while (to < all.length && all[to]?.value === all[from]?.value) to++
    const rank = (from + to + 1) / 2
    sum += rank * all.slice(from, to).filter(({ of }) => of === 'b').length
    ties += (to - from) ** 3 - (to - from)
  }
  const n = all.length
  const variance = ((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1)))
  return (sum - (b.length * (n + 1)) / 2) / Math.sqrt(variance)
}
