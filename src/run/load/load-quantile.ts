import { latencyQuantileNs, mergeLatencies, type LatencyCounts } from '../../stats/latency-counts.ts'
import { dispersionOf, effectiveSamples, rankShares, type Dispersion } from '../../stats/windowed-quantile.ts'
import { latenciesOf, type LatencyKind, type LoadSample } from './load-samples.ts'

/** Of every interval of a load, two-sided. */
export const loadConfidence = 0.95

/** A quantile of latencies between its bounds, in nanoseconds; `Infinity` is a failed request, or no bound at all. */
export interface QuantileBounds {
  readonly valueNs: number
  readonly lowNs: number
  readonly highNs: number
}

/** A printed quantile: `interval` is null where the load is too short for one; `why` then says so. */
export interface EstimatedQuantile {
  readonly valueNs: number
  readonly interval: { readonly lowNs: number; readonly highNs: number } | null
  readonly why: string
}

/** Samples by second in the order of time, with the seconds that have none: from the first to the last, or as given. */
export function bySecond(
  samples: readonly LoadSample[],
  fromSecond = Math.min(...samples.map(({ second }) => second)),
  toSecond = Math.max(...samples.map(({ second }) => second)) + 1,
): readonly (readonly LoadSample[])[] {
  const length = samples.length === 0 ? 0 : Math.max(toSecond - fromSecond, 0)
  const groups = Array.from({ length }, (): LoadSample[] => [])
  for (const sample of samples) groups[sample.second - fromSecond]?.push(sample)
  return groups
}

/**
 * How the share of latencies beyond the quantile `q` varies from second to second. Of latencies that are equal to it, such
 * as failed ones, the same part of every second counts as beyond: so many that the share is 1 − q.
 */
export function quantileDispersion(seconds: readonly LatencyCounts[], q: number): Dispersion {
  const all = mergeLatencies(seconds)
  const valueNs = latencyQuantileNs(all, q)
  const total = split(all, valueNs)
  const part = total.equal === 0 ? 0 : (all.samples * (1 - q) - total.beyond) / total.equal
  return dispersionOf(
    seconds.map((counts) => {
      const { beyond, equal } = split(counts, valueNs)
      return { samples: counts.samples, hits: beyond + part * equal }
    }),
  )
}

/** Samples beyond a value, and equal to it. */
function split({ valuesNs, counts }: LatencyCounts, valueNs: number): { beyond: number; equal: number } {
  let beyond = 0
  let equal = 0
  for (let i = valuesNs.length - 1; i >= 0; i--) {
    const value = valuesNs[i] ?? 0
    if (value < valueNs) break
    if (value > valueNs) beyond += counts[i] ?? 0
    else equal += counts[i] ?? 0
  }
  return { beyond, equal }
}

/** The quantile by nearest rank and the order statistics around it. */
export function boundQuantile(
  latencies: LatencyCounts,
  q: number,
  dispersion: Dispersion,
  confidence: number = loadConfidence,
): QuantileBounds {
  const { low, high } = rankShares(q, effectiveSamples(latencies.samples, dispersion, confidence), confidence)
  return {
    valueNs: latencyQuantileNs(latencies, q),
    lowNs: atRankShare(latencies, low, Math.floor),
    highNs: high === null ? Infinity : atRankShare(latencies, high, Math.ceil),
  }
}

/** The order statistic at a share of n + 1, rounded to the outside. */
export function atRankShare(
  latencies: LatencyCounts,
  share: number,
  round: (rank: number) => number,
): number {
  const { samples } = latencies
  const rank = Math.min(samples, Math.max(1, round(share * (samples + 1))))
  return latencyQuantileNs(latencies, rank / samples)
}

/** A quantile of the measured samples for a reader, with its 95 % interval. `hasSeconds`: a slice is a second. */
export function estimateQuantile(
  samples: readonly LoadSample[],
  kind: LatencyKind,
  q: number,
  hasSeconds: boolean,
): EstimatedQuantile {
  const seconds = hasSeconds ? bySecond(samples).map((second) => latenciesOf(second, kind)) : []
  const dispersion = quantileDispersion(seconds, q)
  const { valueNs, lowNs, highNs } = boundQuantile(latenciesOf(samples, kind), q, dispersion)
  if (dispersion.kind === 'refused') return { valueNs, interval: null, why: refusalText(dispersion.reason) }
  return { valueNs, interval: { lowNs, highNs }, why: '' }
}

/** Why there is no interval, and what to do about it. */
export const refusalText = (reason: Extract<Dispersion, { kind: 'refused' }>['reason']): string =>
  reason === 'few windows'
    ? 'no interval: fewer than 10 measured seconds; use a longer --duration'
    : 'no interval: latencies swing from second to second; use a longer --duration'
