import { LatencyTally } from '../measure/latency-tally.ts'
import type { LoadSample } from '../run/load-samples.ts'
import type { WorstWindow } from '../run/load-verdict.ts'
import type { Threshold } from '../run/threshold.ts'
import {
  fewestSamples,
  latenciesFor,
  latencyMsOf,
  observe,
  type LoadEvidence,
  type Observation,
} from './load-evidence.ts'

export interface Window extends Observation {
  readonly fromSecond: number
}

/** Every stretch of that many whole seconds in the evidence, a second apart; none where seconds are not known. */
export function windowsOf(threshold: Threshold, seconds: number, evidence: LoadEvidence): readonly Window[] {
  if (threshold.metric === 'dropped_iterations' || !evidence.hasSeconds) return []
  const { fromSecond, toSecond } = evidence
  const bySecond = groupBySecond(evidence)
  const latencyMs = threshold.unit === 'ms' ? rollingLatencyMs(threshold, bySecond, seconds) : undefined
  const windows: Window[] = []
  for (let i = 0; i + seconds <= bySecond.length && fromSecond + i + seconds <= toSecond; i++) {
    const part = { ...evidence, fromSecond: fromSecond + i, toSecond: fromSecond + i + seconds }
    const samples = bySecond.slice(i, i + seconds).flat()
    windows.push({
      fromSecond: fromSecond + i,
      ...(latencyMs === undefined ? observe(threshold, { ...part, samples }) : latencyMs(i)),
    })
  }
  return windows
}

function groupBySecond({ samples, fromSecond, toSecond }: LoadEvidence): readonly (readonly LoadSample[])[] {
  const groups = Array.from({ length: Math.max(toSecond - fromSecond, 0) }, (): LoadSample[] => [])
  for (const sample of samples) groups[sample.second - fromSecond]?.push(sample)
  return groups
}

/** Latencies of window after window: what comes in is added and what goes out is taken away. */
function rollingLatencyMs(
  threshold: Threshold,
  bySecond: readonly (readonly LoadSample[])[],
  seconds: number,
): (window: number) => Observation {
  const parts = bySecond.map((samples) => latenciesFor(threshold, samples))
  const tally = new LatencyTally(parts)
  let next = 0
  return (window) => {
    for (; next < window + seconds; next++) {
      const [incoming, outgoing] = [parts[next], parts[next - seconds]]
      if (incoming !== undefined) tally.add(incoming)
      if (outgoing !== undefined) tally.remove(outgoing)
    }
    const { samples } = tally
    return { samples, value: samples === 0 ? null : latencyMsOf(threshold, tally.counts()) }
  }
}

/** The window that fails most, or comes nearest to it, among those with enough samples. */
export function worstOf(
  threshold: Threshold,
  seconds: number,
  windows: readonly Window[],
): WorstWindow | null {
  const needed = fewestSamples(threshold)
  let worst: WorstWindow | null = null
  for (const { fromSecond, samples, value } of windows) {
    if (value === null || samples < needed) continue
    if (worst === null || badness(threshold, value) > badness(threshold, worst.measured)) {
      worst = { fromSecond, seconds, measured: value }
    }
  }
  return worst
}

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
