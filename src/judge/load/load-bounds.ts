import { latencyMeanNs, latencyQuantileNs, type LatencyCounts } from '../../stats/latency-counts.ts'
import { atRankShare, quantileDispersion, bySecond } from '../../run/load/load-quantile.ts'
import {
  failedIn,
  knowResponse,
  latenciesOf,
  requestsIn,
  type LoadSample,
} from '../../run/load/load-samples.ts'
import type { Threshold } from '../../run/threshold.ts'
import { studentQuantile } from '../../stats/beta.ts'
import { longRunVariance } from '../../stats/long-run-variance.ts'
import {
  dispersionOf,
  effectiveSamples,
  rankShares,
  shareBounds,
  type Dispersion,
} from '../../stats/windowed-quantile.ts'
import { noDoubts, withoutSlack, withSlack, type Doubts } from './load-doubt.ts'
import { latenciesFor, percentOf, type Certainty, type LoadEvidence } from './load-evidence.ts'

/** A quantity of a threshold, in its unit: what was measured, and between which values the truth lies. */
export interface Bounds {
  /** Null where no request matched. */
  readonly value: number | null
  readonly low: number
  /** `Infinity` where nothing bounds it. */
  readonly high: number
  /**
   * Judged in the place of `high`: failures that never happened are no reason to doubt a limit on them, however few
   * requests there were; how often they could happen all the same stands in the interval.
   */
  readonly judgedHigh?: number
}

/** How the quantity of a threshold varies over the phase; an assumption where seconds are not known. */
export function dispersionFor(threshold: Threshold, { samples, hasSeconds }: LoadEvidence): Dispersion {
  const seconds = hasSeconds ? bySecond(samples) : []
  const percent = percentOf(threshold.aggregation)
  return threshold.unit === 'ms' && percent !== null
    ? quantileDispersion(
        seconds.map((second) => latenciesFor(threshold, second)),
        percent / 100,
      )
    : dispersionOf(seconds.map((second) => ({ samples: requestsIn(second), hits: failedIn(second) })))
}

/**
 * The quantity that a threshold is about, with bounds that hold whatever the doubts come to. The samples of its kind of
 * request must have been selected before.
 */
export function boundsOf(
  threshold: Threshold,
  evidence: LoadEvidence,
  certainty: Certainty,
  doubts: Doubts,
): Bounds {
  const requests = requestsIn(evidence.samples)
  const counted = (count: number): Bounds => {
    const seconds = Math.max(evidence.toSecond - evidence.fromSecond, 1)
    const value = threshold.aggregation.kind === 'rate' ? count / seconds : count
    return { value, low: value, high: value }
  }
  switch (threshold.metric) {
    case 'http_reqs':
    case 'iterations':
      return counted(requests)
    case 'dropped_iterations':
      return counted(of(threshold.op, evidence.neverSent))
    case 'http_req_failed':
      return requests === 0 ? nothing : failedBounds(threshold, evidence.samples, certainty, doubts)
    case 'http_req_duration':
    case 'service_time':
      if (requests === 0) return nothing
      return inMs(
        percentOf(threshold.aggregation) === null
          ? meanOrEnd(threshold, evidence, certainty, doubts)
          : percentile(threshold, evidence.samples, certainty, doubts),
      )
  }
}

const nothing: Bounds = { value: null, low: NaN, high: NaN }

const inMs = ({ value, low, high }: Bounds): Bounds => ({
  value: value === null ? null : value / 1e6,
  low: low / 1e6,
  high: high / 1e6,
})

/** Requests of one kind, or of all. */
function of(op: string | null, counts: ReadonlyMap<string, number>): number {
  if (op !== null) return counts.get(op) ?? 0
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}

/** The same; those whose kind is unknown may be of any. */
const withUnknown = (op: string | null, counts: ReadonlyMap<string, number>): number =>
  of(op, counts) + (op === null ? 0 : (counts.get(unknownOp) ?? 0))

/** Requests that k6 dropped in a pod: its summary does not say of which kind. */
const unknownOp = '(any)'

function failedBounds(
  { op }: Threshold,
  samples: readonly LoadSample[],
  { dispersion, confidence }: Certainty,
  { missing, timedOut, couldBeSlower }: Doubts,
): Bounds {
  const [requests, failed, lost] = [requestsIn(samples), failedIn(samples), withUnknown(op, missing)]
  const all = requests + lost
  const effective = effectiveSamples(all, dispersion, confidence)
  const least = Math.max(0, failed - of(op, timedOut)) / all
  const isOpen = couldBeSlower === 'without bound'
  return {
    value: failed / requests,
    low: shareBounds(least, effective, confidence).low,
    high: isOpen ? 1 : shareBounds((failed + lost) / all, effective, confidence).high,
    ...(failed + lost === 0 && !isOpen ? { judgedHigh: 0 } : {}),
  }
}

/** Order statistics, of requests that are missing at either end of them. */
function percentile(
  threshold: Threshold,
  samples: readonly LoadSample[],
  { dispersion, confidence }: Certainty,
  doubts: Doubts,
): Bounds {
  const q = (percentOf(threshold.aggregation) ?? NaN) / 100
  const measured = latenciesFor(threshold, samples)
  const lost = withUnknown(threshold.op, doubts.missing)
  const ranks = (all: number): ReturnType<typeof rankShares> =>
    q >= 1 ? { low: 1, high: 1 } : rankShares(q, effectiveSamples(all, dispersion, confidence), confidence)
  const { low, high } = ranks(measured.samples + lost)
  if (doubts === noDoubts) {
    return {
      value: latencyQuantileNs(measured, q),
      low: atRankShare(measured, low, Math.floor),
      high: high === null ? Infinity : atRankShare(measured, high, Math.ceil),
    }
  }
  const slower = doubts.couldBeSlower === 'no' ? measured : latenciesOf(samples, 'response', 'judged')
  return {
    value: latencyQuantileNs(measured, q),
    low: lowest(threshold, samples, low, doubts),
    high:
      high === null
        ? Infinity
        : slowest(atRankShare(withLost(slower, lost, Infinity), high, Math.ceil), doubts),
  }
}

/** What a time may have been under the load that was asked for. */
function slowest(ns: number, { couldBeSlower, slack }: Doubts): number {
  if (couldBeSlower === 'without bound') return Infinity
  return couldBeSlower === 'by slack' ? withSlack(ns, slack) : ns
}

/**
 * The order statistic at a share without what may be the sender's: the best of three bounds. All requests without the
 * most that one of them may be too long; or all but one in a hundred without what 99 of 100 may be; or service times,
 * which hold no wait before sending.
 */
function lowest(
  threshold: Threshold,
  samples: readonly LoadSample[],
  share: number,
  { slack, missing, timedOut }: Doubts,
): number {
  const lost = withUnknown(threshold.op, missing)
  const forgiven = of(threshold.op, timedOut)
  const at = (latencies: LatencyCounts, rankShare: number): number =>
    rankShare <= 0
      ? 0
      : atRankShare(withLost(withoutFailures(latencies, forgiven), lost, 0), rankShare, Math.floor)
  const isResponse = threshold.metric === 'http_req_duration' && knowResponse(samples)
  const own = latenciesFor(threshold, samples)
  const bounds = [
    ...(slack.isPoolWait && isResponse
      ? []
      : [
          withoutSlack(at(own, share), slack, isResponse ? slack.mostNs : slack.readNs),
          withoutSlack(at(own, share - 0.01), slack, isResponse ? slack.p99Ns : slack.readNs),
        ]),
    ...(isResponse ? [withoutSlack(at(latenciesOf(samples, 'service'), share), slack, slack.readNs)] : []),
  ]
  return Math.max(...bounds)
}

/** Latencies with so many more at one value, at either end. */
function withLost(latencies: LatencyCounts, lost: number, atNs: number): LatencyCounts {
  if (lost === 0) return latencies
  const { valuesNs, counts, samples } = latencies
  return atNs === 0
    ? { valuesNs: [0, ...valuesNs], counts: [lost, ...counts], samples: samples + lost }
    : { valuesNs: [...valuesNs, atNs], counts: [...counts, lost], samples: samples + lost }
}

/** So many of the failed requests answered at once. */
function withoutFailures(latencies: LatencyCounts, forgiven: number): LatencyCounts {
  const last = latencies.valuesNs.length - 1
  if (forgiven === 0 || latencies.valuesNs[last] !== Infinity) return latencies
  const kept = Math.max(0, (latencies.counts[last] ?? 0) - forgiven)
  const moved = (latencies.counts[last] ?? 0) - kept
  return {
    valuesNs: [0, ...latencies.valuesNs],
    counts: [moved, ...latencies.counts.slice(0, last), kept],
    samples: latencies.samples,
  }
}

/** A mean has an interval from what it varies by over the seconds; the ends of what was measured are exact. */
function meanOrEnd(
  threshold: Threshold,
  { samples, hasSeconds }: LoadEvidence,
  { confidence }: Certainty,
  doubts: Doubts,
): Bounds {
  const { slack, missing, couldBeSlower } = doubts
  const latencies = latenciesFor(threshold, samples)
  const lost = withUnknown(threshold.op, missing)
  const slower = couldBeSlower === 'no' ? latencies : latenciesOf(samples, 'response', 'recorded')
  const isOpen = lost > 0 && threshold.aggregation.kind !== 'min'
  const lowOf = (ns: number): number => withoutSlack(ns, slack, slack.mostNs)
  if (threshold.aggregation.kind !== 'avg') {
    const end = threshold.aggregation.kind === 'min' ? 0 : -1
    const value = latencies.valuesNs.at(end) ?? NaN
    const high = isOpen ? Infinity : slowest(slower.valuesNs.at(end) ?? NaN, doubts)
    return { value, low: lost > 0 && end === 0 ? 0 : lowOf(value), high }
  }
  const value = latencyMeanNs(latencies)
  const half = hasSeconds ? halfWidth(threshold, samples, value, confidence) : 0
  const served = latencies.samples / (latencies.samples + lost)
  return {
    value,
    low: lowOf((value - half) * served),
    high: isOpen ? Infinity : slowest(latencyMeanNs(slower) + half, doubts),
  }
}

/** Half of the interval of a mean, in nanoseconds; as wide as the mean itself where seconds are too few for one. */
function halfWidth(
  threshold: Threshold,
  samples: readonly LoadSample[],
  meanNs: number,
  confidence: number,
): number {
  if (confidence === 0) return 0
  const seconds = bySecond(samples).map((second) => latenciesFor(threshold, second))
  const found = longRunVariance(
    seconds.map((counts) => (counts.samples === 0 ? 0 : counts.samples * (latencyMeanNs(counts) - meanNs))),
  )
  if (found === null) return meanNs
  const requests = seconds.reduce((sum, counts) => sum + counts.samples, 0)
  const student = studentQuantile((1 + confidence) / 2, found.degreesOfFreedom)
  return (student * Math.sqrt(found.variance)) / requests
}
