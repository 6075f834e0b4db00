import { latencyQuantileNs } from '../../../src/stats/latency-counts.ts'
import type { LoadMeasurement } from '../../../src/run/load-run.ts'
import { failedIn, latenciesOf, loadSamples, requestsIn } from '../../../src/run/load-samples.ts'
import type { UsageSample } from '../rivals/timed-process.ts'

/** The review's target. */
export const targetP95Ms = 200
export const targetErrorShare = 0.001
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
  readonly answeredPerSec: number
  /** P99 of the lateness of sends. */
  readonly lateP99Ms: number
  readonly sentShare: number
  /** Answers that were not expected, and other ends, by their names: `503: 12`. */
  readonly failures: string
  readonly cores: StepCores
}

export const passes = ({ p95Ms, errorShare, sentShare }: TargetStep): boolean =>
  p95Ms < targetP95Ms && errorShare < targetErrorShare && sentShare >= leastSentShare

export function targetStep(
  measurement: LoadMeasurement,
  measuredSeconds: number,
  cores: StepCores,
): TargetStep {
  const measured = loadSamples({ measurement }).filter(({ isMeasured }) => isMeasured)
  const requests = requestsIn(measured)
  const failed = failedIn(measured)
  const total = (column: 'planned' | 'sent'): number =>
    measurement.ledger.reduce((sum, entry) => sum + entry[column], 0)
  return {
    p95Ms: latencyQuantileNs(latenciesOf(measured, 'response'), 0.95) / 1e6,
    errorShare: requests === 0 ? 1 : failed / requests,
    answeredPerSec: (requests - failed) / measuredSeconds,
    lateP99Ms: (measurement.lateness?.p99Ns ?? NaN) / 1e6,
    sentShare: total('planned') === 0 ? 0 : total('sent') / total('planned'),
    failures: failuresOf(measurement),
    cores,
  }
}

const ends = ['neverSent', 'refused', 'timedOut', 'closed', 'broken'] as const

function failuresOf({ ledger }: LoadMeasurement): string {
  const counts = new Map<string, number>()
  const count = (name: string, more: number): void => {
    if (more > 0) counts.set(name, (counts.get(name) ?? 0) + more)
  }
  for (const entry of ledger) {
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

/** What kept a failing step from passing, as far as it can be seen from outside. */
export function limitOf(
  { cores, lateP99Ms, failures }: TargetStep,
  apiWorkers: number,
  cpus: number,
): string {
  const { api, sqld, sender } = cores
  const used = `API ${api.toFixed(2)}, ${sqld === null ? '' : `sqld ${sqld.toFixed(2)}, `}sender ${sender.toFixed(2)} cores`
  const errors = failures === '' ? '' : `; ${failures}`
  return `${causeOf(cores, lateP99Ms, apiWorkers, cpus)} (${used}; sends ${lateP99Ms.toFixed(1)} ms late at P99${errors})`
}

const full = 0.9
const lateMs = 20

function causeOf(
  { api, sqld, sender }: StepCores,
  lateP99Ms: number,
  apiWorkers: number,
  cpus: number,
): string {
  const all = api + (sqld ?? 0) + sender
  const isBusy = all >= cpus * full
  if (api >= apiWorkers * full) return isBusy ? 'the processors, mostly the API' : "the API's own processes"
  if (isBusy) return 'the processors, shared with the sender'
  if (sqld !== null && sqld >= full) return 'sqld'
  if (lateP99Ms > lateMs) return 'the sender, or other work on the machine'
  return 'waiting, not processors'
}
