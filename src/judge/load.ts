import { exitCode, type ExitCode } from '../core/errors.ts'
import { formatNumber } from '../core/number-format.ts'
import type { LoadRun } from '../run/load-run.ts'
import { failedIn, loadSamples, requestsIn, type LoadSample } from '../run/load-samples.ts'
import type { LoadVerdict, ThresholdVerdict } from '../run/load-verdict.ts'
import { measuredPhase } from '../run/measured-phase.ts'
import { parseThreshold, type Threshold } from '../run/threshold.ts'
import { judgeThreshold } from './judge-threshold.ts'
import { loadChecks, wasUnreachable } from './load-checks.ts'
import type { LoadEvidence } from './load-evidence.ts'

/** Share of failed requests beyond which a run fails that has no threshold on them. */
const mostFailed = 0.01

/**
 * What a load run says, recomputed from its slices and its ledger: whether it can be believed, and whether its
 * thresholds hold over the measured phase.
 * @throws UsageError on a threshold that is none; RangeError on a histogram that is none
 */
export function judgeLoad(run: LoadRun): LoadVerdict {
  const samples = loadSamples(run)
  const parsed = run.thresholds.map(({ metric, expression }) =>
    parseThreshold(metric, expression, { place: `run ${run.id}` }),
  )
  const evidence = evidenceOf(run, samples)
  const thresholds = parsed.map((threshold, i): ThresholdVerdict => {
    const { metric = '', expression = '' } = run.thresholds[i] ?? {}
    return { metric, expression, unit: threshold.unit, ...judgeThreshold(threshold, evidence) }
  })
  const checks = loadChecks(run, samples, parsed, latenciesHold(run, parsed, thresholds))
  const invalid = [
    ...checks.flatMap(({ word, reason }) => (word === 'invalid' ? [reason] : [])),
    ...thresholds.flatMap(({ word, metric, expression, note }) =>
      word === 'invalid' ? [`${metric} ${expression} cannot be judged: ${note}`] : [],
    ),
  ]
  const failures = failuresOf(parsed, evidence.samples)
  const failed = failures.length > 0 || thresholds.some(({ word }) => word === 'fail')
  return {
    word: invalid.length > 0 ? 'invalid' : failed ? 'fail' : 'pass',
    invalid,
    failures,
    thresholds,
    checks,
  }
}

/** True when the response time from the intended start has upper bounds, and every one holds. */
function latenciesHold(
  { measurement }: LoadRun,
  thresholds: readonly Threshold[],
  verdicts: readonly ThresholdVerdict[],
): boolean {
  const bounds = verdicts.filter((_, i) => {
    const { metric, operator } = thresholds[i] as Threshold
    return metric === 'http_req_duration' && operator.startsWith('<')
  })
  const isKnown = measurement.slices.every(({ response }) => response !== null)
  return isKnown && bounds.length > 0 && bounds.every(({ word }) => word === 'pass')
}

function evidenceOf(run: LoadRun, samples: readonly LoadSample[]): LoadEvidence {
  const { fromSecond, endSecond } = measuredPhase(run)
  return {
    samples: samples.filter(({ isMeasured }) => isMeasured),
    hasSeconds: run.measurement.sliceLength !== 'phase',
    fromSecond,
    // Answers that came after the end belong to the phase and do not make it longer.
    toSecond: Math.round(endSecond),
    neverSent: new Map(run.measurement.ledger.map(({ op, neverSent }) => [op, neverSent])),
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
  switch (verdict.word) {
    case 'invalid':
      return exitCode.invalid
    case 'fail':
      return exitCode.fail
    case 'pass':
      return exitCode.pass
  }
}
