import { formatInteger, formatNs } from '../../core/number-format.ts'
import type { LoadRun, LoadWorker } from '../../run/load-run.ts'
import type { Threshold } from '../../run/threshold.ts'
import { check, unknownCheck, type JudgedCheck } from './load-check.ts'
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
  const limit = `≤ ${formatNs(limitNs)}`
  const found = measurement.lateness
  if (found === null || found.samples === 0) {
    const why =
      settings.model.kind === 'open-model' ? 'this tool knows no intended start' : 'there is no schedule'
    return unknownCheck(name, why, limit)
  }
  const { p50Ns, p99Ns, maxNs } = found
  return check(
    name,
    {
      isOk: p99Ns <= limitNs,
      measured: `${formatNs(p99Ns)} (P50 ${formatNs(p50Ns)}, max ${formatNs(maxNs)})`,
      limit,
      reason: `requests were sent late: ${formatNs(p99Ns)} at P99, ${formatNs(limitNs)} allowed; ${fixFor(measurement.workers)}`,
    },
    senderDoubt(run),
  )
}

/** What k6 spends on an iteration beside the request: a k6 that waits for a processor is as slow within requests. */
function iterationDrift(run: LoadRun, limitNs: number): readonly JudgedCheck[] {
  const { iterations } = run.measurement
  if (iterations === undefined) return []
  const { driftNs, meanNs } = iterations
  const doubt = senderDoubt(run)
  const share = meanNs === 0 ? 0 : Math.min(0.99, driftNs / meanNs)
  return [
    check(
      'iteration_duration beyond requests, mean',
      {
        isOk: driftNs <= limitNs,
        measured: formatNs(driftNs),
        limit: `≤ ${formatNs(limitNs)}`,
        reason: `k6 took ${formatNs(driftNs)} of an iteration for itself, ${formatNs(limitNs)} allowed: it did not get the processors that it needed; give it a machine of its own, or less load`,
      },
      { ...doubt, ...(doubt.slack === null ? {} : { slack: { ...doubt.slack, share } }) },
    ),
  ]
}

/**
 * What a sender that came late can have done to latencies. Each was sent later than intended by its lateness, and read
 * later than it came by what the event loop was blocked; both only make it longer. Without intended starts, late sends are
 * in no latency, and fewer requests are less to do for the target: then it could be slower without bound.
 */
export function senderDoubt({ measurement, settings }: LoadRun): Doubt {
  const { lateness: late, workers, slices } = measurement
  const lags = (of: (worker: LoadWorker) => number | null): number =>
    Math.max(0, ...workers.map((worker) => of(worker) ?? 0))
  const readNs = lags(({ loopLagMaxNs }) => loopLagMaxNs)
  const knowsIntended =
    settings.model.kind === 'open-model' && slices.every(({ response }) => response !== null)
  return {
    slack: {
      share: 0,
      p99Ns: (late?.p99Ns ?? 0) + readNs,
      mostNs: (late?.maxNs ?? 0) + readNs,
      readNs,
      isPoolWait: false,
    },
    couldBeSlower: knowsIntended ? 'to response time' : 'without bound',
  }
}

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
      saturationDoubt(run, busiest),
    ),
  ]
}

/**
 * As `senderDoubt`; a sender without an event loop does not tell how long its threads waited, and a saturated one may have
 * spent as much of every latency on itself as it used.
 */
function saturationDoubt(run: LoadRun, busiest: number): Doubt {
  const doubt = senderDoubt(run)
  const tells = run.measurement.workers.every(({ loopLagMaxNs }) => loopLagMaxNs !== null)
  return tells || doubt.slack === null
    ? doubt
    : { ...doubt, slack: { ...doubt.slack, share: Math.min(busiest, 1) } }
}

/** A sender without an event loop, such as k6, spreads over all cores. */
const coresOf = ({ loopUtilization }: LoadWorker, { environment }: LoadRun): number =>
  loopUtilization === null ? Math.max(environment.cpus, 1) : 1

/** Where lateness is known it says more: a loop that blocks between two sends changes no latency. */
function eventLoop(run: LoadRun, limitNs: number): readonly JudgedCheck[] {
  const { measurement } = run
  const lags = measurement.workers.flatMap(({ loopLagP99Ns }) => loopLagP99Ns ?? [])
  if (lags.length === 0 || measurement.lateness !== null) return []
  const lagNs = Math.max(...lags)
  return [
    check(
      'event loop lag, P99',
      {
        isOk: lagNs <= limitNs,
        measured: formatNs(lagNs),
        limit: `≤ ${formatNs(limitNs)}`,
        reason: `the event loop of a sender was ${formatNs(lagNs)} late at P99, ${formatNs(limitNs)} allowed; ${fixFor(measurement.workers)}`,
      },
      senderDoubt(run),
    ),
  ]
}
