import type { GateFinding, GateVerdict } from '../run/gate-verdict.ts'
import type { LoadRun } from '../run/load-run.ts'
import type { LoadVerdict, ThresholdVerdict } from '../run/load-verdict.ts'
import { parseThreshold } from '../run/threshold.ts'
import { gateVerdict } from './gate-word.ts'

/** What a load says as a gate: each of its thresholds. Null when it has none: nothing asks for a yes or no. */
export function judgeLoadGate(run: LoadRun, verdict: LoadVerdict): GateVerdict | null {
  if (run.thresholds.length === 0) return null
  const whole = { kind: 'threshold', scenario: run.profile.id, variant: null, operation: null } as const
  const exact = { measured: null, baseline: null, change: null, rounds: 0, samples: 0 } as const
  const broken = verdict.checks.filter(({ word }) => word === 'invalid')
  const isBelievable = broken.length === 0 && !wasCutShort(run)
  return gateVerdict([
    ...verdict.thresholds.map((threshold) => thresholdFinding(run, threshold, isBelievable)),
    ...broken.map(({ name, limit, reason }): GateFinding => ({
      ...whole,
      ...exact,
      metric: name,
      word: 'invalid',
      limit,
      reason,
    })),
    ...verdict.failures.map((reason): GateFinding => ({
      ...whole,
      ...exact,
      metric: 'failed requests',
      word: 'fail',
      limit: 'few requests fail',
      reason,
    })),
    ...(wasCutShort(run)
      ? [
          {
            ...whole,
            ...exact,
            metric: 'status',
            word: 'invalid',
            limit: 'measured to its end',
            reason: 'the load was cut short',
          } as const,
        ]
      : []),
  ])
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

function thresholdFinding(run: LoadRun, threshold: ThresholdVerdict, isBelievable: boolean): GateFinding {
  const { metric, expression, measured, note, samples, unit, word } = threshold
  const { op } = parseThreshold(metric, expression, { place: `run ${run.id}` })
  const value = measured !== null && Number.isFinite(measured) ? measured : null
  const [aggregation = ''] = expression.split(/[<>=!]/)
  const found = measured === null ? 'nothing was measured' : `measured ${textOf(measured, unit)}`
  return {
    kind: 'threshold',
    scenario: run.profile.id,
    variant: null,
    operation: op,
    metric: `${metric} ${aggregation.trim()}`,
    word: isBelievable ? word : 'invalid',
    measured: value === null ? null : { value, low: value, high: value, unit },
    baseline: null,
    change: null,
    limit: expression,
    reason: [
      `${metric} ${expression}: ${found}`,
      ...(note === '' ? [] : [note]),
      ...(isBelievable || word === 'invalid' ? [] : ['but this load must not be believed']),
    ].join('; '),
    rounds: 0,
    samples,
  }
}

const textOf = (value: number, unit: ThresholdVerdict['unit']): string =>
  value === Infinity ? 'a failed request' : `${Number(value.toPrecision(4))} ${unitText[unit]}`.trim()

const unitText = { ms: 'ms', share: 'as a share', count: 'requests', 'per second': 'a second' } as const
