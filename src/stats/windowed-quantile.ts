import { betaCdf, betaQuantile, solveIncreasing, studentQuantile } from './beta.ts'
import { longRunVariance } from './long-run-variance.ts'

/** Requests of one window, and how many of them have the property that is counted. */
export interface WindowCount {
  readonly samples: number
  readonly hits: number
}

/**
 * How much more a share varies than among independent requests. `refused`: the windows do not show it; `factor` is then an
 * assumption for bounds that must not be called a 95 % interval.
 */
export type Dispersion =
  | { readonly kind: 'estimated'; readonly factor: number; readonly degreesOfFreedom: number }
  | { readonly kind: 'refused'; readonly factor: number; readonly reason: 'few windows' | 'slow swings' }

/** A mix sent in a fixed order can be steadier than chance, and an estimate from few windows can fall far below. */
const leastFactor = 0.5
/** Assumed where the windows do not show it: a quarter of the requests are independent. */
const assumedFactor = 4
/**
 * Neighbouring batches that go together more than this: what ties requests together lasts longer than a batch. Chance
 * alone reaches 0.3 in 3 % of loads; where requests depend on each other in any case, less is suspicious.
 */
const mostCorrelation = 0.3
const mostCorrelationOfDependent = 0.1
const dependentFactor = 2.5

/** Estimates the dispersion of a share from windows in the order of time. */
export function dispersionOf(windows: readonly WindowCount[]): Dispersion {
  const samples = windows.reduce((sum, window) => sum + window.samples, 0)
  const share = windows.reduce((sum, { hits }) => sum + hits, 0) / samples
  const found = longRunVariance(windows.map((window) => window.hits - window.samples * share))
  if (found === null) return { kind: 'refused', factor: assumedFactor, reason: 'few windows' }
  const { variance, degreesOfFreedom, batchCorrelation } = found
  const independent = samples * share * (1 - share)
  const factor = independent > 0 ? Math.max(leastFactor, variance / independent) : 1
  if (batchCorrelation > (factor > dependentFactor ? mostCorrelationOfDependent : mostCorrelation)) {
    return { kind: 'refused', factor: Math.max(1, factor) * assumedFactor, reason: 'slow swings' }
  }
  return { kind: 'estimated', factor, degreesOfFreedom }
}

/** So many independent samples would say as much; fewer where the dispersion itself is known from few batches. */
export function effectiveSamples(samples: number, dispersion: Dispersion, confidence: number): number {
  const { factor } = dispersion
  if (dispersion.kind === 'refused') return samples / factor
  const tail = (1 + confidence) / 2
  const widening = studentQuantile(tail, dispersion.degreesOfFreedom) / studentQuantile(tail, 1e6)
  return samples / (factor * widening ** 2)
}

/** Ranks of the order statistics that bound a quantile, as shares of n + 1; `high` is null where no sample bounds it. */
export interface RankShares {
  readonly low: number
  readonly high: number | null
}

/**
 * Order statistics between which the quantile `q` lies with that confidence: the r-th of n uniform samples is
 * Beta(r, n + 1 − r), also for fractional r (Hutson 1999, Calculating nonparametric confidence intervals for quantiles
 * using fractional order statistics).
 */
export function rankShares(q: number, samples: number, confidence: number): RankShares {
  const alpha = (1 - confidence) / 2
  const above = (rank: number): number => 1 - betaCdf(q, rank, samples + 1 - rank)
  const rankAt = (probability: number): number => solveIncreasing(above, probability, 0, samples + 1, 1e-4)
  const high = rankAt(1 - alpha)
  return {
    low: Math.min(rankAt(alpha), samples) / (samples + 1),
    high: high > samples ? null : high / (samples + 1),
  }
}

/** Bounds of a share by Clopper and Pearson, with `samples` the effective number of them. */
export function shareBounds(
  share: number,
  samples: number,
  confidence: number,
): { readonly low: number; readonly high: number } {
  const alpha = (1 - confidence) / 2
  const hits = share * samples
  return {
    low: share <= 0 ? 0 : betaQuantile(alpha, hits, samples - hits + 1),
    high: share >= 1 ? 1 : betaQuantile(1 - alpha, hits + 1, samples - hits),
  }
}
