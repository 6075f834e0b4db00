import type { Dispersion } from '../../stats/windowed-quantile.ts'
import { latenciesOf, type LoadSample } from '../../run/load/load-samples.ts'
import type { LatencyCounts } from '../../stats/latency-counts.ts'
import type { Aggregation, Threshold } from '../../run/threshold.ts'

/** Whole seconds since the load began, the last one not included. */
export interface Stretch {
  readonly fromSecond: number
  readonly toSecond: number
}

/** What a threshold is judged on: the measured phase, or a part of it. */
export interface LoadEvidence extends Stretch {
  readonly samples: readonly LoadSample[]
  /** False where a slice covers a whole phase. */
  readonly hasSeconds: boolean
  /** Requests of the whole run that were due and never sent, by kind. */
  readonly neverSent: ReadonlyMap<string, number>
}

/** How sure bounds are: what the whole phase says of dispersion, and the confidence of each interval; 0: as measured. */
export interface Certainty {
  readonly dispersion: Dispersion
  readonly confidence: number
}

/**
 * The latencies that a threshold is about. A percentile counts a failed request as slower than any bound; `avg`, `min`
 * and `max` take it with the time after which it failed, as k6 does.
 */
export function latenciesFor(threshold: Threshold, samples: readonly LoadSample[]): LatencyCounts {
  const kind = threshold.metric === 'service_time' ? 'service' : 'response'
  return latenciesOf(samples, kind, percentOf(threshold.aggregation) === null ? 'recorded' : 'judged')
}

/** The percentage of a percentile, 50 for the median; null for every other aggregation. */
export function percentOf(aggregation: Aggregation): number | null {
  if (aggregation.kind === 'p') return aggregation.percent
  return aggregation.kind === 'med' ? 50 : null
}

/**
 * Samples that a percentile needs to be printed: so many that one lies beyond it, and beyond p(99) ten, because there a
 * single outlier would decide. 20 for p(95), 100 for p(99), 10,000 for p(99.9); none for counts, 1 for everything else.
 */
export function fewestSamples({ aggregation, unit }: Threshold): number {
  const percent = percentOf(aggregation)
  if (unit === 'count' || unit === 'per second') return 0
  if (percent === null || percent >= 100) return 1
  // Rounded because 1 / (1 - 0.95) is a little more than 20 in binary.
  return Math.ceil(Math.round(((percent <= 99 ? 100 : 1000) / (100 - percent)) * 1e6) / 1e6)
}
