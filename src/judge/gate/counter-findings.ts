import { formatChange, formatInteger } from '../../core/number-format.ts'
import type { GateFinding, GateQuantity, GateUnit, GateStatus } from '../../run/gate/gate-verdict.ts'
import type { Evidence } from '../../run/run.ts'

/** What the counters of a finding are about. */
export interface CounterSubject {
  readonly scenario: string
  readonly variant: string
  readonly operation: string
}

/** Counters of which more is worse, with their words. */
const counters = {
  vmSteps: { words: 'VM steps', unit: 'count' },
  fullScanSteps: { words: 'full-scan steps', unit: 'count' },
  sorts: { words: 'sorts', unit: 'count' },
  autoIndexRows: { words: 'rows put into automatic indexes', unit: 'count' },
  walBytes: { words: 'bytes appended to the WAL', unit: 'bytes' },
  rowsRead: { words: 'rows read', unit: 'count' },
} as const satisfies Record<string, { readonly words: string; readonly unit: GateUnit }>

type CounterName = keyof typeof counters

/**
 * What became of one operation on one variant, exactly and in both directions: one finding a metric that differs, or
 * one that passes. Less work counts as better only where plan and answer are the same; a changed answer is never green.
 */
export function counterFindings(
  subject: CounterSubject,
  before: Evidence,
  after: Evidence,
): readonly GateFinding[] {
  const wrong = answerFindings(subject, before, after)
  const plan = planFindings(subject, before, after)
  const work = workFindings(subject, before, after).filter(
    ({ status }) => status !== 'improved' || wrong.length + plan.length === 0,
  )
  const found = [...wrong, ...plan, ...work]
  return found.length > 0 ? found : [sameFinding(subject, after)]
}

/** Counters that did not repeat when one of the two was measured twice. */
export const unsteadyCounters = (before: Evidence, after: Evidence): readonly string[] => [
  ...new Set([...(before.unsteady ?? []), ...(after.unsteady ?? [])]),
]

function answerFindings(subject: CounterSubject, before: Evidence, after: Evidence): readonly GateFinding[] {
  if (before.rows !== after.rows && !unsteadyCounters(before, after).includes('rows')) {
    const collapse = after.rows < before.rows ? 'fewer' : 'more'
    return [
      {
        ...finding(subject, 'rows', 'fail', 'exactly the rows of the baseline'),
        ...amounts(before.rows, after.rows, 'count'),
        reason: `${collapse} rows for the same arguments: ${formatInteger(before.rows)} → ${formatInteger(after.rows)}`,
      },
    ]
  }
  if (before.answerDigest === after.answerDigest) return []
  return [
    {
      ...finding(subject, 'answer', 'invalid', 'the answer of the baseline'),
      reason:
        'another answer to the same question on the same data: fix it, or save the baseline again if it is meant',
    },
  ]
}

function planFindings(subject: CounterSubject, before: Evidence, after: Evidence): readonly GateFinding[] {
  if (before.plan.fingerprint === after.plan.fingerprint) return []
  return [
    {
      ...finding(subject, 'plan', 'fail', 'the plan of the baseline'),
      reason: `plan changed: ${before.plan.summary} → ${after.plan.summary}`,
    },
  ]
}

function workFindings(subject: CounterSubject, before: Evidence, after: Evidence): readonly GateFinding[] {
  const unsteady = unsteadyCounters(before, after)
  return (Object.keys(counters) as CounterName[]).flatMap((name) => {
    const [old, now] = [before.counters[name], after.counters[name]]
    if (typeof old !== 'number' || typeof now !== 'number') return []
    if (old === now || unsteady.includes(name)) return []
    const { words, unit } = counters[name]
    const { change, ...sides } = amounts(old, now, unit)
    const share = change === null ? '' : ` (${formatChange(change)})`
    const advice = now < old ? '; to hold it, save the baseline again: forgebench gate save' : ''
    return [
      {
        ...finding(subject, name, now > old ? 'fail' : 'improved', `≤ ${formatInteger(old)} ${words}`),
        ...sides,
        change,
        reason: `${formatInteger(old)} → ${formatInteger(now)} ${words}${share}${advice}`,
      },
    ]
  })
}

function sameFinding(subject: CounterSubject, { rows, counters: { vmSteps } }: Evidence): GateFinding {
  const found = finding(subject, 'counters', 'pass', 'plan, answer and work of the baseline')
  const same = `same plan, same ${formatInteger(rows)} rows`
  if (vmSteps === undefined) return { ...found, reason: `${same} as before; its engine counts no VM steps` }
  return {
    ...found,
    ...amounts(vmSteps, vmSteps, 'count'),
    reason: `${same}, ${formatInteger(vmSteps)} VM steps as before`,
  }
}

/** A finding without amounts and without a reason yet. */
function finding(
  subject: CounterSubject,
  metric: string,
  status: GateStatus,
  limit: string,
): Omit<GateFinding, 'reason'> {
  return {
    kind: 'counter',
    ...subject,
    metric,
    status,
    limit,
    measured: null,
    baseline: null,
    change: null,
    rounds: 0,
    samples: 0,
  }
}

/** Two exact amounts and the relative change, which is null where there was nothing before. */
export function amounts(
  before: number,
  after: number,
  unit: GateUnit,
): Pick<GateFinding, 'baseline' | 'measured' | 'change'> {
  const exact = (value: number): GateQuantity => ({ value, low: value, high: value, unit })
  const share = before === 0 ? null : after / before - 1
  return {
    baseline: exact(before),
    measured: exact(after),
    change: share === null ? null : { estimate: share, low: share, high: share },
  }
}
