import { walshAverages } from './hodges-lehmann.ts'

/** A two-sided interval; `confidence` is its exact coverage, at least the one asked for. */
export interface Interval {
  readonly estimate: number
  readonly low: number
  readonly high: number
  readonly confidence: number
}

/**
 * P(W ≤ w) for w = 0, 1, …, n(n+1)/2, where W is the sum of the ranks of positive signs among n fair coin flips:
 * the null distribution of Wilcoxon's signed-rank statistic (Wilcoxon 1945), counted exactly by adding ranks.
 */
export function signedRankCumulative(n: number): readonly number[] {
  const known = cumulatives.get(n) ?? countSignedRanks(n)
  cumulatives.set(n, known)
  return known
}

const cumulatives = new Map<number, readonly number[]>()

function countSignedRanks(n: number): readonly number[] {
  const top = (n * (n + 1)) / 2
  let ways = new Float64Array(top + 1)
  ways[0] = 1
  for (let rank = 1; rank <= n; rank++) {
    const next = Float64Array.from(ways)
    for (let w = rank; w <= top; w++) next[w] = (next[w] ?? 0) + (ways[w - rank] ?? 0)
    ways = next
  }
  let sum = 0
  return Array.from(ways, (count) => (sum += count) / 2 ** n)
}

/**
 * Confidence interval of the centre of symmetric differences by inverting the signed-rank test: the (k+1)-th
 * smallest and largest Walsh averages, with k the largest integer for which 1 − 2·P(W ≤ k) ≥ `confidence`
 * (Hollander & Wolfe, Nonparametric Statistical Methods, §3.3). Exact for any symmetric noise.
 *
 * `undefined` when so few values cannot reach the confidence (fewer than 6 for 95 %).
 * @param values one value a round
 * @param estimate the point estimate to carry along
 */
export function signedRankInterval(
  values: readonly number[],
  confidence: number,
  estimate: number,
): Interval | undefined {
  const cumulative = signedRankCumulative(values.length)
  const outside = cumulative.findIndex((p) => 1 - 2 * p < confidence) - 1
  if (outside < 0) return undefined
  const averages = walshAverages(values)
  const low = averages[outside]
  const high = averages[averages.length - 1 - outside]
  if (low === undefined || high === undefined) return undefined
  return { estimate, low, high, confidence: 1 - 2 * (cumulative[outside] ?? 0) }
}

/** A one-sided bound; `alpha` is the exact probability that the centre lies beyond it. */
export interface Bound {
  readonly value: number
  readonly alpha: number
}

/**
 * One-sided bounds of the centre of symmetric differences, by inverting the signed-rank test: the (k+1)-th smallest
 * and largest Walsh averages, with k the largest integer for which P(W ≤ k) ≤ `alpha`. For independent signs they are
 * exact whatever the noise, so that each fails with probability at most `alpha`.
 *
 * `undefined` when so few values cannot reach it: n values reach 2^−n at best.
 */
export function signedRankBounds(
  values: readonly number[],
  alpha: number,
): { readonly low: Bound; readonly high: Bound } | undefined {
  const cumulative = signedRankCumulative(values.length)
  const outside = cumulative.findIndex((p) => p > alpha) - 1
  const averages = walshAverages(values)
  const low = averages[outside]
  const high = averages[averages.length - 1 - outside]
  if (outside < 0 || low === undefined || high === undefined) return undefined
  const exact = cumulative[outside] ?? 0
  return { low: { value: low, alpha: exact }, high: { value: high, alpha: exact } }
}
