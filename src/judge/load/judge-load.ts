import { exitCode, type ExitCode } from '../../core/errors.ts'
import { formatNumber } from '../../core/number-format.ts'
import type { RequestAccount, LoadRun } from '../../run/load/load-run.ts'
import { failedIn, loadSamples, requestsIn, type LoadSample } from '../../run/load/load-samples.ts'
import type { LoadVerdict, LoadStatus, ThresholdVerdict } from '../../run/load/load-verdict.ts'
import { measuredPhase } from '../../run/load/measured-phase.ts'
import { parseThreshold, type Threshold } from '../../run/threshold.ts'
import { judgeThreshold } from './judge-threshold.ts'
import type { JudgedCheck } from './load-check.ts'
import { joinDoubts, noDoubts, type Doubts } from './load-doubt.ts'
import { loadChecks, wasUnreachable } from './load-checks.ts'
import type { LoadEvidence } from './load-evidence.ts'

/** Share of failed requests beyond which a run fails that has no threshold on them. */
const mostFailed = 0.01

/**
 * What a load run says, recomputed from its slices and its request accounting: whether it is valid, and whether its
 * thresholds hold over the measured phase, whatever doubtful checks may have done to the latencies.
 * @throws UsageError on a threshold that is none; RangeError on a histogram that is none
 */
export function judgeLoad(run: LoadRun): LoadVerdict {
  const samples = loadSamples(run)
  const parsed = run.thresholds.map(({ metric, expression }) =>
    parseThreshold(metric, expression, { place: `run ${run.id}` }),
  )
  const evidence = evidenceOf(run, samples)
  const checks = loadChecks(run, samples, parsed)
  const doubtful = checks.filter(({ status }) => status === 'doubtful')
  const doubts = doubtful.length === 0 ? noDoubts : doubtsOf(run, doubtful)
  const thresholds = parsed.map((threshold, i): ThresholdVerdict => {
    const { metric = '', expression = '' } = run.thresholds[i] ?? {}
    return { metric, expression, unit: threshold.unit, ...judgeThreshold(threshold, evidence, doubts) }
  })
  const failures = failuresOf(parsed, evidence.samples)
  const broken = checks.flatMap(({ status, reason }) => (status === 'invalid' ? [reason] : []))
  const judged = statusOf(broken.length > 0, doubtful.length > 0, failures.length > 0, thresholds)
  // What was cut short by a threshold has not shown what was asked, even if its last answers have turned it.
  const status = judged === 'pass' && run.measurement.endedBy !== undefined ? 'inconclusive' : judged
  const reasons = doubtful.map(({ reason }) => reason)
  return {
    status,
    invalid: status === 'invalid' ? [...broken, ...reasons, ...unjudged(thresholds)] : [],
    doubts: status === 'invalid' ? [] : reasons,
    failures,
    thresholds,
    checks,
  }
}

/** What is certain outranks what is doubtful: a failure that no doubt can turn into a pass is a failure. */
function statusOf(
  isBroken: boolean,
  isDoubtful: boolean,
  hasFailures: boolean,
  thresholds: readonly ThresholdVerdict[],
): LoadStatus {
  const has = (status: LoadStatus): boolean => thresholds.some((threshold) => threshold.status === status)
  if (isBroken) return 'invalid'
  if (hasFailures || has('fail')) return 'fail'
  if (has('invalid') || (isDoubtful && thresholds.length === 0)) return 'invalid'
  return has('inconclusive') ? 'inconclusive' : 'pass'
}

function doubtsOf({ measurement: { accounting } }: LoadRun, doubtful: readonly JudgedCheck[]): Doubts {
  const byOp = (count: (entry: RequestAccount) => number): ReadonlyMap<string, number> =>
    new Map(accounting.map((entry) => [entry.op, count(entry)]))
  return joinDoubts(
    doubtful.flatMap(({ doubt }) => doubt ?? []),
    {
      missing: byOp(({ neverSent, abandoned }) => neverSent + abandoned),
      timedOut: byOp(({ timedOut }) => timedOut),
    },
  )
}

/** Thresholds without a request to judge by; what doubts alone leave open is said by their reasons. */
const unjudged = (thresholds: readonly ThresholdVerdict[]): readonly string[] =>
  thresholds.flatMap(({ status, metric, expression, measured, note }) =>
    status === 'invalid' && measured === null ? [`${metric} ${expression} cannot be judged: ${note}`] : [],
  )

function evidenceOf(run: LoadRun, samples: readonly LoadSample[]): LoadEvidence {
  const { fromSecond, endSecond } = measuredPhase(run)
  return {
    samples: samples.filter(({ isMeasured }) => isMeasured),
    hasSeconds: run.measurement.sliceLength !== 'phase',
    fromSecond,
    // Answers that came after the end belong to the phase and do not make it longer.
    toSecond: Math.round(endSecond),
    neverSent: new Map(run.measurement.accounting.map(({ op, neverSent }) => [op, neverSent])),
  }
}

/** Most requests failed, or more than a little and no threshold says how many may. */
function failuresOf(thresholds: readonly Threshold[], measured: readonly LoadSample[]): readonly string[] {
  const requests = requestsIn(measured)
  const share = requests === 0 ? 0 : failedIn(measured) / requests
  const isJudged = thresholds.some(({ metric, op }) => metric === 'http_req_failed' && op === null)
  if (share <= (isJudged ? 0.5 : mostFailed)) return []
  const text = `${formatNumber(share * 100)} % of the requests failed`
  return [isJudged ? text : `${text}; a threshold on http_req_failed says how many may`]
}

/** Exit code of a load: a run that was cut short and a target that never answered have codes of their own. */
export function loadExitCode(verdict: LoadVerdict, run: LoadRun): ExitCode {
  if (run.status === 'partial' || run.measurement.interrupted) return exitCode.interrupted
  if (wasUnreachable(run, loadSamples(run))) return exitCode.target
  switch (verdict.status) {
    case 'invalid':
      return exitCode.invalid
    case 'inconclusive':
      return exitCode.inconclusive
    case 'fail':
      return exitCode.fail
    case 'pass':
      return exitCode.pass
  }
}
