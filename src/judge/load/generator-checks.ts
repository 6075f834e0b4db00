import { formatInteger, formatNs } from '../../core/number-format.ts'
import type { LoadRun, LoadWorker } from '../../run/load/load-run.ts'
import type { Threshold } from '../../run/threshold.ts'
import { check, checkNs, unknownCheck, type JudgedCheck } from './load-check.ts'
import { noSlack, type Doubt } from './load-doubt.ts'

/** CPU of a sender beyond which its clock readings wait for their turn. */
const mostCpuShare = 0.9
/** Least share of the connections asked for that must have been open at once. */
const leastShareHeld = 0.99

/**
 * How late a sender may be, and how long its event loop may block, at P99: 5 % of the smallest latency that a
 * threshold asks for, at least 2 ms; 10 ms where no threshold asks for one. More could be the sender's own slowness
 * in the latencies: thresholds are then judged with what it can have come to.
 */
export function mostLateNs(thresholds: readonly Threshold[]): number {
  const bounds = thresholds.flatMap(({ unit, bound }) => (unit === 'ms' && bound > 0 ? [bound] : []))
  if (bounds.length === 0) return 10e6
  return Math.max(2e6, Math.min(...bounds) * 1e6 * 0.05)
}

/** Whether the sender kept up, so that what was measured is the target. */
export function generatorChecks(run: LoadRun, thresholds: readonly Threshold[]): readonly JudgedCheck[] {
  const limitNs = mostLateNs(thresholds)
  return [
    ...connectionsHeld(run),
    lateness(run, limitNs),
    ...iterationDrift(run, limitNs),
    ...cpu(run),
    ...eventLoop(run, limitNs),
  ]
}

/** Ours opens all connections before the load; other tools open them as they need them. */
function connectionsHeld({ settings, measurement }: LoadRun): readonly JudgedCheck[] {
  const { peak } = measurement.connections
  if (settings.engine !== 'open' || peak === 0) return []
  const held = `${formatInteger(peak)} of ${formatInteger(settings.connections)}`
  return [
    check(
      'connections held',
      {
        isOk: peak >= settings.connections * leastShareHeld,
        measured: held,
        limit: '≥ 99 %',
        reason: `only ${held} connections could be held`,
      },
      // Fewer connections are less to do for the target, and more waiting for one here.
      { slack: { ...noSlack, isPoolWait: true }, couldBeSlower: 'without bound' },
    ),
  ]
}

function lateness(run: LoadRun, limitNs: number): JudgedCheck {
  const { measurement, settings } = run
  const name = 'lateness of sends, P99'
  const found = measurement.lateness
  if (found === null || found.samples === 0) {
    const isOpen = settings.model.kind === 'open-model'
    const why = isOpen ? 'this tool knows no intended start' : 'there is no schedule'
    return unknownCheck(name, why, `≤ ${formatNs(limitNs)}`)
  }
  const { p50Ns, p99Ns: foundNs, maxNs } = found
  const measured = `${formatNs(foundNs)} (P50 ${formatNs(p50Ns)}, max ${formatNs(maxNs)})`
  const reason = `requests were sent late: ${formatNs(foundNs)} at P99, ${formatNs(limitNs)} allowed; ${fixFor(measurement.workers)}`
  return checkNs(name, { foundNs, limitNs, measured, reason }, senderDoubt(run))
}

/** What k6 spends on an iteration beside the request: a k6 that waits for a processor is as slow within requests. */
function iterationDrift(run: LoadRun, limitNs: number): readonly JudgedCheck[] {
  const { iterations } = run.measurement
  if (iterations === undefined) return []
  const { driftNs: foundNs, meanNs } = iterations
  const reason = `k6 took ${formatNs(foundNs)} of an iteration for itself, ${formatNs(limitNs)} allowed: it did not get the processors that it needed; give it a machine of its own, or less load`
  const share = meanNs === 0 ? 0 : Math.min(0.99, foundNs / meanNs)
  const name = 'iteration_duration beyond requests, mean'
  return [checkNs(name, { foundNs, limitNs, reason }, senderDoubt(run, share))]
}

/**
 * What a sender that came late can have done to latencies. Each was sent later than intended by its lateness, and read
 * later than it came by what the event loop was blocked; both only make it longer. Without intended starts, late sends are
 * in no latency, and fewer requests are less to do for the target: then it could be slower without bound.
 */
function senderDoubt(run: LoadRun, share = 0): Doubt {
  const { lateness: late, workers } = run.measurement
  const readNs = Math.max(0, ...workers.map(({ loopLagMaxNs }) => loopLagMaxNs ?? 0))
  return {
    slack: {
      share,
      p99Ns: (late?.p99Ns ?? 0) + readNs,
      mostNs: (late?.maxNs ?? 0) + readNs,
      readNs,
      isPoolWait: false,
    },
    couldBeSlower: knowsIntended(run) ? 'to response time' : 'without bound',
  }
}

/** True where latencies count from intended starts, so that they hold whatever the sender was late. */
export const knowsIntended = ({ settings, measurement }: LoadRun): boolean =>
  settings.model.kind === 'open-model' && measurement.slices.every(({ response }) => response !== null)

/** A sender that is late and has CPU to spare waits for its turn behind other processes. */
const fixFor = (workers: readonly LoadWorker[]): string =>
  workers.some(({ cpuShare }) => cpuShare > 0.6)
    ? 'use more --workers, or less load'
    : 'something else kept the processors of this machine busy'

function cpu(run: LoadRun): readonly JudgedCheck[] {
  const { workers } = run.measurement
  if (workers.length === 0) return [unknownCheck('CPU of the busiest sender', 'not observed', '≤ 90 %')]
  const busiest = Math.max(...workers.map((worker) => worker.cpuShare / coresOf(worker, run)))
  const used = `${(busiest * 100).toFixed(0)} %`
  return [
    check(
      'CPU of the busiest sender',
      {
        isOk: busiest <= mostCpuShare,
        measured: used,
        limit: '≤ 90 %',
        reason: `the generator was saturated: a sender used ${used} of the CPU that it can; use more --workers, or less load`,
      },
      // A sender without an event loop does not report how long its threads waited: as much of every latency may be its own.
      senderDoubt(run, workers.every(({ loopLagMaxNs }) => loopLagMaxNs !== null) ? 0 : Math.min(busiest, 1)),
    ),
  ]
}

/** A sender without an event loop, such as k6, spreads over all cores. */
const coresOf = ({ loopUtilization }: LoadWorker, { environment }: LoadRun): number =>
  loopUtilization === null ? Math.max(environment.cpus, 1) : 1

/** Where lateness is known it says more: a loop that blocks between two sends changes no latency. */
function eventLoop(run: LoadRun, limitNs: number): readonly JudgedCheck[] {
  const { workers, lateness: late } = run.measurement
  const lags = workers.flatMap(({ loopLagP99Ns }) => loopLagP99Ns ?? [])
  if (lags.length === 0 || late !== null) return []
  const foundNs = Math.max(...lags)
  const reason = `the event loop of a sender was ${formatNs(foundNs)} late at P99, ${formatNs(limitNs)} allowed; ${fixFor(workers)}`
  return [checkNs('event loop lag, P99', { foundNs, limitNs, reason }, senderDoubt(run))]
}
