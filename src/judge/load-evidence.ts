import { latencyMeanNs, latencyQuantileNs, type LatencyCounts } from '../measure/latency-counts.ts'
import { failedIn, latenciesOf, requestsIn, type LoadSample } from '../run/load-samples.ts'
import type { Aggregation, Threshold } from '../run/threshold.ts'

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

/** What one stretch of the load says of a threshold. */
export interface Observation {
  readonly samples: number
  /** In the threshold's unit; null where no request matched. */
  readonly value: number | null
}

/** The quantity that a threshold speaks of. Its kind of request must have been selected before. */
export function observe(threshold: Threshold, evidence: LoadEvidence): Observation {
  const requests = requestsIn(evidence.samples)
  const ofRequests = (value: () => number): Observation => ({
    samples: requests,
    value: requests === 0 ? null : value(),
  })
  const amount = (count: number): Observation => ({
    samples: requests,
    value:
      threshold.aggregation.kind === 'rate'
        ? count / Math.max(evidence.toSecond - evidence.fromSecond, 1)
        : count,
  })
  switch (threshold.metric) {
    case 'http_req_duration':
    case 'service_time':
      return ofRequests(() => latencyMsOf(threshold, latenciesFor(threshold, evidence.samples)))
    case 'http_req_failed':
      return ofRequests(() => failedIn(evidence.samples) / requests)
    case 'http_reqs':
    case 'iterations':
      return amount(requests)
    case 'dropped_iterations':
      return amount(droppedOf(threshold.op, evidence.neverSent))
  }
}

function droppedOf(op: string | null, neverSent: ReadonlyMap<string, number>): number {
  if (op !== null) return neverSent.get(op) ?? 0
  return [...neverSent.values()].reduce((sum, count) => sum + count, 0)
}

/**
 * The latencies that a threshold looks at. A percentile counts a failed request as slower than any bound; `avg`, `min`
 * and `max` take it with the time after which it failed, as k6 does.
 */
export function latenciesFor(threshold: Threshold, samples: readonly LoadSample[]): LatencyCounts {
  const kind = threshold.metric === 'service_time' ? 'service' : 'response'
  return latenciesOf(samples, kind, percentOf(threshold.aggregation) === null ? 'recorded' : 'judged')
}

/** The quantity of latencies that a threshold speaks of, in milliseconds; NaN without any. */
export function latencyMsOf({ aggregation }: Threshold, latencies: LatencyCounts): number {
  const percent = percentOf(aggregation)
  if (percent !== null) return latencyQuantileNs(latencies, percent / 100) / 1e6
  if (aggregation.kind === 'avg') return latencyMeanNs(latencies) / 1e6
  return (latencies.valuesNs.at(aggregation.kind === 'min' ? 0 : -1) ?? NaN) / 1e6
}

/** The percentage of a percentile, 50 for the median; null for every other aggregation. */
function percentOf(aggregation: Aggregation): number | null {
  if (aggregation.kind === 'p') return aggregation.percent
  return aggregation.kind === 'med' ? 50 : null
}

/**
 * Samples that a percentile needs: so many that one lies beyond it, and beyond p(99) ten, because there a single
 * outlier would decide. 20 for p(95), 100 for p(99), 10,000 for p(99.9); none for counts, 1 for everything else.
 */
export function fewestSamples({ aggregation, unit }: Threshold): number {
  const percent = percentOf(aggregation)
  if (unit === 'count' || unit === 'per second') return 0
  if (percent === null || percent >= 100) return 1
  // Rounded because 1 / (1 - 0.95) is a little more than 20 in binary.
  return Math.ceil(Math.round(((percent <= 99 ? 100 : 1000) / (100 - percent)) * 1e6) / 1e6)
}
