import type { GateFinding, GateVerdict } from '../../run/gate/gate-verdict.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import type { LoadVerdict, ThresholdVerdict } from '../../run/load/load-verdict.ts'
import { parseThreshold } from '../../run/threshold.ts'
import { gateVerdict } from './gate-status.ts'

/**
 * What a load says as a gate: each of its thresholds. Null when it has none: nothing asks for a yes or no. The status is
 * that of the load, in which a certain failure outranks a threshold that doubts leave open.
 */
export function judgeLoadGate(run: LoadRun, verdict: LoadVerdict): GateVerdict | null {
  if (run.thresholds.length === 0) return null
  const whole = { kind: 'threshold', scenario: run.profile.id, variant: null, operation: null } as const
  const exact = { measured: null, baseline: null, change: null, rounds: 0, samples: 0 } as const
  const finding = (
    metric: string,
    status: GateFinding['status'],
    limit: string,
    reason: string,
  ): GateFinding => ({
    ...whole,
    ...exact,
    metric,
    status,
    limit,
    reason,
  })
  const isOpen = verdict.status === 'invalid'
  const broken = verdict.checks.filter(
    ({ status }) => status === 'invalid' || (status === 'doubtful' && isOpen),
  )
  const isValid = verdict.checks.every(({ status }) => status !== 'invalid') && !wasCutShort(run)
  const cut = wasCutShort(run)
    ? [finding('status', 'invalid', 'measured to its end', 'the load was cut short')]
    : []
  const gate = gateVerdict(
    [
      ...verdict.thresholds.map((threshold) => thresholdFinding(run, threshold, isValid)),
      ...broken.map(({ name, limit, reason }) => finding(name, 'invalid', limit, reason)),
      ...verdict.failures.map((reason) => finding('failed requests', 'fail', 'few requests fail', reason)),
      ...cut,
    ],
    verdict.doubts.map((reason) => `doubtful, and no verdict depends on it: ${reason}`),
  )
  return { ...gate, status: cut.length > 0 ? 'invalid' : verdict.status }
}

const wasCutShort = ({ status, measurement }: LoadRun): boolean =>
  status === 'partial' || measurement.interrupted

/** The Run with thresholds besides its own; one that it has already is not judged twice. */
export function withThresholds(
  run: LoadRun,
  thresholds: Readonly<Record<string, readonly string[]>>,
): LoadRun {
  const more = Object.entries(thresholds).flatMap(([metric, expressions]) =>
    expressions.map((expression) => ({ metric, expression })),
  )
  const isNew = ({ metric, expression }: LoadRun['thresholds'][number]): boolean =>
    !run.thresholds.some((own) => own.metric === metric && own.expression === expression)
  return { ...run, thresholds: [...run.thresholds, ...more.filter(isNew)] }
}

function thresholdFinding(run: LoadRun, threshold: ThresholdVerdict, isValid: boolean): GateFinding {
  const { metric, expression, measured, interval, note, samples, unit, status } = threshold
  const { op } = parseThreshold(metric, expression, { place: `run ${run.id}` })
  const value = measured !== null && Number.isFinite(measured) ? measured : null
  const [aggregation = ''] = expression.split(/[<>=!]/)
  const found = measured === null ? 'nothing was measured' : `measured ${textOf(measured, unit)}`
  const between =
    interval === null || interval.low === interval.high
      ? ''
      : `, 95 % CI ${textOf(interval.low, unit)} to ${interval.high === Infinity ? 'no bound' : textOf(interval.high, unit)}`
  return {
    kind: 'threshold',
    scenario: run.profile.id,
    variant: null,
    operation: op,
    metric: `${metric} ${aggregation.trim()}`,
    status: isValid ? status : 'invalid',
    measured: value === null ? null : { value, low: interval?.low ?? NaN, high: interval?.high ?? NaN, unit },
    baseline: null,
    change: null,
    limit: expression,
    reason: [
      `${metric} ${expression}: ${found}${between}`,
      ...(note === '' ? [] : [note]),
      ...(isValid || status === 'invalid' ? [] : ['but this load is invalid']),
    ].join('; '),
    rounds: 0,
    samples,
  }
}

function textOf(value: number, unit: ThresholdVerdict['unit']): string {
  if (value === Infinity) return 'a failed request'
  return `${Number((unit === 'share' ? value * 100 : value).toPrecision(4))} ${unitText[unit]}`
}

const unitText = { ms: 'ms', share: '%', count: 'requests', 'per second': 'a second' } as const
