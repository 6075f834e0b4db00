import { formatNs, formatNumber } from '../core/number-format.ts'
import type { LoadRun, LoadWorker } from '../run/load-run.ts'
import { requestsIn, type LoadSample } from '../run/load-samples.ts'
import type { LoadCheck } from '../run/load-verdict.ts'
import type { Threshold } from '../run/threshold.ts'
import { answersIn, ledgerChecks, sumOf } from './ledger-checks.ts'
import { plannedArrivals } from './planned-arrivals.ts'

/** Least share of the arrivals asked for that must have been sent. */
const leastShareSent = 0.99
/** CPU of a worker beyond which its clock readings wait for their turn. */
const mostCpuShare = 0.9

export interface CheckInput {
  readonly run: LoadRun
  /** All slices, decoded. */
  readonly samples: readonly LoadSample[]
  readonly thresholds: readonly Threshold[]
}

export const check = (
  name: string,
  word: LoadCheck['word'],
  measured: string,
  limit: string,
  reason = '',
): LoadCheck => ({ name, word, measured, limit, reason: word === 'invalid' ? reason : '' })

/** Everything that must hold before a load run is believed, whatever its latencies. */
export function loadChecks(input: CheckInput): readonly LoadCheck[] {
  return [
    ...completeness(input),
    achievedRate(input),
    latenessCheck(input),
    ...saturation(input),
    ...ledgerChecks(input.run, input.samples),
    toolCheck(input.run),
  ].filter((found) => found !== null)
}

function completeness({ run, samples }: CheckInput): readonly (LoadCheck | null)[] {
  const { measurement, settings, status } = run
  const planned = settings.stages.reduce((sum, { seconds }) => sum + seconds, 0)
  const measured = requestsIn(samples.filter(({ isMeasured }) => isMeasured))
  const isPartial = status === 'partial' || measurement.interrupted
  const ran = `${formatNumber(measurement.seconds)} s of ${formatNumber(planned)} s`
  return [
    check(
      'requests measured',
      measured === 0 ? 'invalid' : 'ok',
      formatNumber(measured),
      '≥ 1',
      `nothing was measured after the warm-up of ${formatNumber(settings.warmUpSeconds)} s`,
    ),
    isPartial ? check('ran to its end', 'invalid', ran, 'all', `it was cut short: ${ran}`) : null,
    unreachable(run, samples)
      ? check(
          'target answered',
          'invalid',
          'never',
          'at least once',
          'the target answered no request of the measured phase',
        )
      : null,
  ]
}

/** True when no request of the measured phase was answered, with whatever status. */
export function unreachable({ measurement }: LoadRun, samples: readonly LoadSample[]): boolean {
  const measured = samples.filter(({ isMeasured }) => isMeasured)
  const warmUp = samples.filter(({ isMeasured }) => !isMeasured)
  const answers = measurement.ledger.reduce((sum, entry) => sum + answersIn(entry), 0)
  return (
    requestsIn(measured) > 0 &&
    measured.every(({ requests, failed }) => requests === failed) &&
    answers <= requestsIn(warmUp)
  )
}

function achievedRate({ run, samples }: CheckInput): LoadCheck | null {
  const { model, stages, warmUpSeconds } = run.settings
  if (model.kind !== 'arrivals') return null
  const measured = samples.filter(({ isMeasured }) => isMeasured)
  const end = stages.reduce((sum, { seconds }) => sum + seconds, 0)
  const until =
    run.status === 'partial' || hitRequestLimit(run) ? Math.min(end, run.measurement.seconds) : end
  const from = Math.min(warmUpSeconds, until)
  const planned = plannedArrivals(model.ratePerSec, stages, from, until)
  if (planned === 0) return null
  const sent = requestsIn(measured)
  // A Poisson process of n arrivals has a standard deviation of √n, which is no fault of the sender.
  const chance = model.spacing === 'poisson' ? 3 * Math.sqrt(planned) : 1
  const seconds = until - from
  const share = `${((sent / planned) * 100).toFixed(1)} %`
  const measuredText = `${formatNumber(sent / seconds)} of ${formatNumber(planned / seconds)} req/s (${share})`
  return check(
    'rate achieved',
    sent >= planned * leastShareSent - chance ? 'ok' : 'invalid',
    measuredText,
    '≥ 99 %',
    `the rate asked for was not reached: ${measuredText}`,
  )
}

const hitRequestLimit = ({ measurement, settings }: LoadRun): boolean =>
  sumOf(measurement.ledger, 'planned') >= settings.maxRequests

/**
 * How late a sender may be, and how long its event loop may block, at P99: 5 % of the smallest latency that a
 * threshold asks for, at least 2 ms; 10 ms where no threshold asks for one. More would be the sender's own slowness
 * in the latencies.
 */
export function mostLateNs(thresholds: readonly Threshold[]): number {
  const bounds = thresholds.flatMap(({ unit, bound }) => (unit === 'ms' && bound > 0 ? [bound] : []))
  return bounds.length === 0 ? 10e6 : Math.max(2e6, Math.min(...bounds) * 1e6 * 0.05)
}

function latenessCheck({ run, thresholds }: CheckInput): LoadCheck {
  const { lateness } = run.measurement
  const limitNs = mostLateNs(thresholds)
  const limit = `≤ ${formatNs(limitNs)}`
  if (lateness === null || lateness.samples === 0) {
    return check('lateness of sends, P99', 'unknown', 'this tool knows no intended start', limit)
  }
  const measured = `${formatNs(lateness.p99Ns)} (P50 ${formatNs(lateness.p50Ns)}, max ${formatNs(lateness.maxNs)})`
  return check(
    'lateness of sends, P99',
    lateness.p99Ns > limitNs ? 'invalid' : 'ok',
    measured,
    limit,
    `requests were sent late: P99 ${formatNs(lateness.p99Ns)} after their time, ${formatNs(limitNs)} allowed`,
  )
}

function saturation({ run, thresholds }: CheckInput): readonly LoadCheck[] {
  const { workers } = run.measurement
  if (workers.length === 0) return [check('generator', 'unknown', 'not observed', '')]
  const busiest = Math.max(...workers.map((worker) => worker.cpuShare / coresOf(worker, run)))
  const cpu = `${(busiest * 100).toFixed(0)} %`
  const cpuCheck = check(
    'CPU of the busiest sender',
    busiest > mostCpuShare ? 'invalid' : 'ok',
    cpu,
    '≤ 90 %',
    `the generator was saturated: a sender used ${cpu} of its CPU; more --workers, or less load`,
  )
  const lags = workers.flatMap(({ loopLagP99Ns }) => loopLagP99Ns ?? [])
  if (lags.length === 0) return [cpuCheck]
  const lagNs = Math.max(...lags)
  const limitNs = mostLateNs(thresholds)
  // Where lateness is known it says more: a loop that blocks between two sends harms nobody.
  const harmful = run.measurement.lateness === null && lagNs > limitNs
  return [
    cpuCheck,
    check(
      'event loop lag, P99',
      harmful ? 'invalid' : 'ok',
      formatNs(lagNs),
      run.measurement.lateness === null ? `≤ ${formatNs(limitNs)}` : 'see lateness',
      `the generator was saturated: its event loop was ${formatNs(lagNs)} late at P99, ${formatNs(limitNs)} allowed`,
    ),
  ]
}

/** A sender without an event loop, such as k6, spreads over all cores. */
const coresOf = ({ loopUtilization }: LoadWorker, { environment }: LoadRun): number =>
  loopUtilization === null ? Math.max(environment.cpus, 1) : 1

/** k6 ends with 99 when a threshold failed; whatever else it says means that it did not do its work. */
function toolCheck({ measurement }: LoadRun): LoadCheck | null {
  const { tool, toolVerdict } = measurement
  if (toolVerdict === null) return null
  const { exitCode, failedThresholds } = toolVerdict
  const ended = exitCode === null ? 'was killed' : `ended with exit code ${exitCode}`
  const measured = failedThresholds.length === 0 ? ended : `${ended}: ${failedThresholds.join(', ')}`
  return check(
    `${tool.name} itself`,
    exitCode === 0 || exitCode === 99 ? 'ok' : 'invalid',
    measured,
    '0 or 99',
    `${tool.name} ${ended}`,
  )
}
