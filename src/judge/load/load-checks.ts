import { plannedArrivals, plannedSeconds } from '../../core/load-stages.ts'
import { formatInteger, formatNumber } from '../../core/number-format.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { requestsIn, type LoadSample } from '../../run/load/load-samples.ts'
import { measuredPhase, shareOfLoad } from '../../run/load/measured-phase.ts'
import type { Threshold } from '../../run/threshold.ts'
import { connectionCheck } from './connection-check.ts'
import { generatorChecks, mostLateNs } from './generator-checks.ts'
import { answersIn, accountingChecks, sumOf } from './accounting-checks.ts'
import { hostChecks } from './host-checks.ts'
import { check, type JudgedCheck } from './load-check.ts'

/** Least share of the arrivals asked for that must have been sent. */
const leastShareSent = 0.99
/** Least share of its time that a load must have lasted, unless its limit of requests ended it. */
const leastShareDriven = 0.95

/** All validity checks: each must hold, or bound what it may have done to the latencies. */
export function loadChecks(
  run: LoadRun,
  samples: readonly LoadSample[],
  thresholds: readonly Threshold[],
): readonly JudgedCheck[] {
  const measured = samples.filter(({ isMeasured }) => isMeasured)
  return [
    ...completeness(run, measured),
    ...reachability(run, samples),
    ...achievedRate(run, measured),
    ...generatorChecks(run, thresholds),
    ...connectionCheck(run, measured, mostLateNs(thresholds)),
    ...hostChecks(run, measured, thresholds),
    ...accountingChecks(run, samples),
    ...toolChecks(run),
  ]
}

function completeness(run: LoadRun, measured: readonly LoadSample[]): readonly JudgedCheck[] {
  const { measurement, settings, status } = run
  const requests = requestsIn(measured)
  const something = check('requests measured', {
    isOk: requests > 0,
    measured: formatInteger(requests),
    limit: '≥ 1',
    reason: `nothing was measured after the warm-up of ${settings.warmUpSeconds} s`,
  })
  const planned = plannedSeconds(settings)
  const hitLimit = sumOf(measurement.accounting, 'planned') >= settings.maxRequests * shareOfLoad(run)
  const { seconds, endedBy } = measurement
  const gaveUp = seconds < planned * leastShareDriven && !hitLimit && endedBy === undefined
  if (status === 'complete' && !measurement.interrupted && !gaveUp) return [something]
  const ran = `${formatNumber(measurement.seconds)} of ${planned} s`
  return [
    something,
    check('ran to its end', {
      isOk: false,
      measured: ran,
      limit: 'all',
      reason: `it was cut short after ${ran}`,
    }),
  ]
}

function reachability(run: LoadRun, samples: readonly LoadSample[]): readonly JudgedCheck[] {
  if (!wasUnreachable(run, samples)) return []
  const reason = 'the target answered no request of the measured phase'
  return [check('target answered', { isOk: false, measured: 'never', limit: 'at least once', reason })]
}

/** True when requests of the measured phase were tried and none was answered, with whatever status. */
export function wasUnreachable({ measurement }: LoadRun, samples: readonly LoadSample[]): boolean {
  const { accounting } = measurement
  const measured = samples.filter(({ isMeasured }) => isMeasured)
  const warmUp = samples.filter(({ isMeasured }) => !isMeasured)
  const answers = accounting.reduce((sum, entry) => sum + answersIn(entry), 0)
  return (
    requestsIn(measured) + sumOf(accounting, 'neverSent') > 0 &&
    sumOf(accounting, 'sent') > answers &&
    measured.every(({ requests, failed }) => requests === failed) &&
    answers <= requestsIn(warmUp)
  )
}

function achievedRate(run: LoadRun, measured: readonly LoadSample[]): readonly JudgedCheck[] {
  const { model, stages } = run.settings
  if (model.kind !== 'open-model') return []
  const { fromSecond, endSecond } = measuredPhase(run)
  const planned = plannedArrivals(model.ratePerSec * shareOfLoad(run), stages, {
    fromSecond,
    toSecond: endSecond,
  })
  if (planned === 0) return []
  const { accounting, endedBy } = run.measurement
  // k6 gives up what is under way when a threshold ends the load.
  const sent = requestsIn(measured) + (endedBy === undefined ? 0 : sumOf(accounting, 'abandoned'))
  // A Poisson process of n arrivals has a standard deviation of √n, which is no fault of the sender.
  const chance = model.spacing === 'poisson' ? 3 * Math.sqrt(planned) : 1
  const perSec = (requests: number): string => formatNumber(requests / (endSecond - fromSecond))
  const achieved = `${perSec(sent)} of ${perSec(planned)} req/s (${((sent / planned) * 100).toFixed(1)} %)`
  return [
    check(
      'rate achieved',
      {
        isOk: sent >= planned * leastShareSent - chance,
        measured: achieved,
        limit: '≥ 99 %',
        reason: `the rate asked for was not reached: ${achieved}`,
      },
      // What fails with less to do would fail with more.
      { couldBeSlower: 'without bound' },
    ),
  ]
}

/** k6 ends with 99 when a threshold failed; whatever else it says means that it did not do its work. */
function toolChecks({ measurement: { tool, toolVerdict } }: LoadRun): readonly JudgedCheck[] {
  if (toolVerdict === null) return []
  const { exitCode } = toolVerdict
  const ended = exitCode === null ? 'was killed' : `ended with exit code ${exitCode}`
  return [
    check(`${tool.name} itself`, {
      isOk: exitCode === 0 || exitCode === 99,
      measured: ended,
      limit: 'exit code 0 or 99',
      reason: `${tool.name} ${ended}`,
    }),
  ]
}
