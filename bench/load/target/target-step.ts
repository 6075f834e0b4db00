import type { LoadMeasurement } from '../../../src/run/load/load-run.ts'
import { failedIn, latenciesOf, loadSamples, requestsIn } from '../../../src/run/load/load-samples.ts'
import { latencyQuantileNs } from '../../../src/stats/latency-counts.ts'
import type { UsageSample } from '../rivals/timed-process.ts'

/** The review's target. */
const targetP95Ms = 200
const targetErrorShare = 0.001
/** A sender that sends less than this of what it was asked for has not put the rate on. */
const leastSentShare = 0.99

/** Processors that the processes of one step kept busy. */
export interface StepCores {
  readonly api: number
  /** Null where there is none. */
  readonly sqld: number | null
  readonly sender: number
}

/** What one rate came to, in its measured phase. */
export interface TargetStep {
  /** From the intended start, failed requests as never answered. */
  readonly p95Ms: number
  readonly errorShare: number
  /** P99 of the lateness of sends. */
  readonly lateP99Ms: number
  readonly sentShare: number
  /** Answers that were not expected, and other ends, by their names: `503: 12`. */
  readonly failures: string
  readonly cores: StepCores
}

export const passes = ({ p95Ms, errorShare, sentShare }: TargetStep): boolean =>
  p95Ms < targetP95Ms && errorShare < targetErrorShare && sentShare >= leastSentShare

export function targetStep(measurement: LoadMeasurement, cores: StepCores): TargetStep {
  const measured = loadSamples({ measurement }).filter(({ isMeasured }) => isMeasured)
  const requests = requestsIn(measured)
  const total = (column: 'planned' | 'sent'): number =>
    measurement.accounting.reduce((sum, entry) => sum + entry[column], 0)
  return {
    p95Ms: latencyQuantileNs(latenciesOf(measured, 'response'), 0.95) / 1e6,
    errorShare: requests === 0 ? 1 : failedIn(measured) / requests,
    lateP99Ms: (measurement.lateness?.p99Ns ?? NaN) / 1e6,
    sentShare: total('planned') === 0 ? 0 : total('sent') / total('planned'),
    failures: failuresOf(measurement),
    cores,
  }
}

const ends = ['neverSent', 'refused', 'timedOut', 'closed', 'broken'] as const

function failuresOf({ accounting }: LoadMeasurement): string {
  const counts = new Map<string, number>()
  const count = (name: string, more: number): void => {
    if (more > 0) counts.set(name, (counts.get(name) ?? 0) + more)
  }
  for (const entry of accounting) {
    for (const [status, answers] of Object.entries(entry.answered)) {
      if (!status.startsWith('2')) count(status, answers)
    }
    for (const end of ends) count(end, entry[end])
  }
  return [...counts].map(([name, times]) => `${name}: ${times}`).join(', ')
}

/** Processors that a process kept busy between two moments, from samples of its use. */
export function coresBetween(samples: readonly UsageSample[], fromMs: number, toMs: number): number {
  const within = samples.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
  const [first, last] = [within[0], within.at(-1)]
  if (first === undefined || last === undefined || first === last) return NaN
  return (last.cpuSeconds - first.cpuSeconds) / ((last.atMs - first.atMs) / 1000)
}
