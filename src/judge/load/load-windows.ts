import { LatencyTally } from '../../stats/latency-tally.ts'
import { latencyMeanNs, latencyQuantileNs } from '../../stats/latency-counts.ts'
import type { LatencyCounts } from '../../stats/latency-counts.ts'
import { bySecond } from '../../run/load/load-quantile.ts'
import type { LoadSample } from '../../run/load/load-samples.ts'
import type { WorstWindow } from '../../run/load/load-verdict.ts'
import type { Threshold } from '../../run/threshold.ts'
import { boundsOf } from './load-bounds.ts'
import { noDoubts } from './load-doubt.ts'
import { fewestSamples, latenciesFor, percentOf, type Certainty, type LoadEvidence } from './load-evidence.ts'

/** What one stretch of the load says of a threshold. */
export interface Window {
  readonly fromSecond: number
  readonly samples: number
  /** In the threshold's unit; null where no request matched. */
  readonly value: number | null
}

/** The evidence of every stretch of that many whole seconds, a second apart; none where seconds are not known. */
export function stretchesOf(seconds: number, evidence: LoadEvidence): readonly LoadEvidence[] {
  if (!evidence.hasSeconds) return []
  const { fromSecond, toSecond } = evidence
  const groups = groupBySecond(evidence)
  const stretches: LoadEvidence[] = []
  for (let i = 0; i + seconds <= groups.length && fromSecond + i + seconds <= toSecond; i++) {
    const samples = groups.slice(i, i + seconds).flat()
    stretches.push({ ...evidence, samples, fromSecond: fromSecond + i, toSecond: fromSecond + i + seconds })
  }
  return stretches
}

/** What was measured in every window, without bounds: what comes in is added and what goes out is taken away. */
export function windowsOf(
  threshold: Threshold,
  seconds: number,
  evidence: LoadEvidence,
  certainty: Certainty,
): readonly Window[] {
  if (threshold.metric === 'dropped_iterations' || !evidence.hasSeconds) return []
  if (threshold.unit === 'ms') return rollingLatencies(threshold, seconds, evidence)
  return stretchesOf(seconds, evidence).map((stretch) => ({
    fromSecond: stretch.fromSecond,
    samples: stretch.samples.reduce((sum, { requests }) => sum + requests, 0),
    value: boundsOf(threshold, stretch, certainty, noDoubts).value,
  }))
}

const groupBySecond = ({ samples, fromSecond, toSecond }: LoadEvidence): readonly (readonly LoadSample[])[] =>
  bySecond(samples, fromSecond, toSecond)

function rollingLatencies(threshold: Threshold, seconds: number, evidence: LoadEvidence): readonly Window[] {
  const parts = groupBySecond(evidence).map((samples) => latenciesFor(threshold, samples))
  const tally = new LatencyTally(parts)
  const windows: Window[] = []
  parts.forEach((incoming, i) => {
    tally.add(incoming)
    const outgoing = parts[i - seconds]
    if (outgoing !== undefined) tally.remove(outgoing)
    if (i + 1 < seconds) return
    const { samples } = tally
    const value = samples === 0 ? null : latencyMsOf(threshold, tally.counts())
    windows.push({ fromSecond: evidence.fromSecond + i + 1 - seconds, samples, value })
  })
  return windows
}

/** The quantity of latencies that a threshold is about, in milliseconds; NaN without any. */
function latencyMsOf({ aggregation }: Threshold, latencies: LatencyCounts): number {
  const percent = percentOf(aggregation)
  if (percent !== null) return latencyQuantileNs(latencies, percent / 100) / 1e6
  if (aggregation.kind === 'avg') return latencyMeanNs(latencies) / 1e6
  return (latencies.valuesNs.at(aggregation.kind === 'min' ? 0 : -1) ?? NaN) / 1e6
}

/** The window that fails most, or comes nearest to it, among those with enough samples; null without any. */
export function worstOf<W extends Window>(threshold: Threshold, windows: readonly W[]): Worst<W> | null {
  const needed = fewestSamples(threshold)
  let worst: Worst<W> | null = null
  for (const window of windows) {
    if (!isMeasured(window) || window.samples < needed) continue
    if (worst === null || badness(threshold, window.value) > badness(threshold, worst.value)) worst = window
  }
  return worst
}

type Worst<W extends Window> = W & { readonly value: number }

const isMeasured = <W extends Window>(window: W): window is Worst<W> => window.value !== null

/** The worst window as a verdict names it. */
export const namedWindow = (worst: Worst<Window> | null, seconds: number): WorstWindow | null =>
  worst === null ? null : { fromSecond: worst.fromSecond, seconds, measured: worst.value }

function badness({ operator, bound }: Threshold, value: number): number {
  switch (operator) {
    case '<':
    case '<=':
      return value
    case '>':
    case '>=':
      return -value
    case '==':
    case '===':
      return Math.abs(value - bound)
    case '!=':
      return -Math.abs(value - bound)
  }
}
