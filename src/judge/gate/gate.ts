import { formatChange, formatNs, formatRatioPercent, formatShare, plural } from '../../core/number-format.ts'
import { gateOperations } from '../../run/gate/gate-operations.ts'
import { gateSides, type GateRun } from '../../run/gate/gate-run.ts'
import type { GateFinding, GateQuantity, GateVerdict } from '../../run/gate/gate-verdict.ts'
import { findTiming, sampleCount, sampledRounds } from '../../run/timed-rounds.ts'
import {
  decideGate,
  suspiciousStalls,
  type GateQuantile,
  type OperationDecision,
} from '../../stats/decide-gate.ts'
import { levelBounds } from '../../stats/over-rounds.ts'
import type { StallCount } from '../../stats/stall-test.ts'
import { judgeBudgets } from './budgets.ts'
import { gateVerdict } from './gate-status.ts'
import { differencesOfSides, withoutTheWay } from './unequal-sides.ts'

/** One-sided error of the bounds that are shown of each side's own level; nothing is decided by them. */
const levelAlpha = 0.025

/** What the Run of a relative gate says: of its pairs, and of the budgets that the candidate's variant has. */
export function judgeGate(run: GateRun): GateVerdict {
  const judged = new Set(run.scenario.timings.map(({ operation }) => operation))
  const due = run.scenario.operations.filter(({ kind, id }) => kind === 'read' || judged.has(id))
  const operations = gateOperations(
    run.scenario.timings,
    due.map(({ id }) => id),
    run.settings.rule.quantile,
  )
  const { status, operations: decisions } = decideGate(operations, run.settings.rule)
  const stopped =
    status === 'undecided'
      ? `${plural(run.rounds.length, 'round')} ${run.rounds.length === 1 ? 'was' : 'were'} measured, too few to decide`
      : 'the gate was decided before this operation was'
  const findings = decisions.map((decision) => withoutTheWay(run, findingOf(run, decision, stopped)))
  const cut = run.cutShort === null ? [] : [`cut short: ${run.cutShort}`]
  const budgets = judgeBudgets(run.scenario, (variant) =>
    variant === gateSides.candidate ? run.candidate.spec : variant,
  )
  return gateVerdict(
    [...findings, ...budgets],
    [...differencesOfSides(run), ...run.scenario.warnings, ...cut],
  )
}

function findingOf(run: GateRun, decision: OperationDecision, stopped: string): GateFinding {
  const { operation } = decision
  const { quantile, toleranceRatio, smallestEffectRatio } = run.settings.rule
  const baseline = levelOf(run, operation, gateSides.baseline)
  const measured = levelOf(run, operation, gateSides.candidate)
  const timing = findTiming(run.scenario, operation, gateSides.candidate)
  const sides =
    measured === null || baseline === null
      ? ''
      : `, ${formatNs(measured.value)} against ${formatNs(baseline.value)}`
  return {
    kind: 'relative',
    scenario: run.scenario.id,
    variant: run.candidate.spec,
    operation,
    metric: quantile,
    status: decision.status === 'undecided' ? 'inconclusive' : decision.status,
    measured,
    baseline,
    change: changeOf(decision),
    limit: `fails when significantly more than ${formatRatioPercent(toleranceRatio)} slower, or significantly stalling more often; passes when significantly less than ${formatRatioPercent(smallestEffectRatio)} slower`,
    reason: reasonOf(decision, quantile, sides, stopped),
    rounds: roundsOf(decision),
    samples: timing === undefined ? 0 : sampleCount(timing),
  }
}

/** With bounds from the first analysis on; before it, an estimate without any. */
function changeOf(decision: OperationDecision): GateFinding['change'] {
  if (decision.status === 'invalid') return null
  if (decision.ratio !== null) {
    const { estimate, low, high } = decision.ratio
    return { estimate: estimate - 1, low: low - 1, high: high - 1 }
  }
  return decision.status === 'undecided'
    ? { estimate: decision.estimate - 1, low: -Infinity, high: Infinity }
    : null
}

function roundsOf(decision: OperationDecision): number {
  if (decision.status === 'invalid') return 0
  return decision.ratio?.rounds ?? (decision.status === 'undecided' ? decision.rounds : 0)
}

function reasonOf(
  decision: OperationDecision,
  quantile: GateQuantile,
  sides: string,
  stopped: string,
): string {
  if (decision.status === 'invalid') return decision.reason
  const { ratio, stalls } = decision
  if (ratio === null) {
    const estimate = decision.status === 'undecided' ? formatShare(decision.estimate - 1) : ''
    return `${quantile} about ${estimate}${sides}, an estimate before the first interim analysis; ${stopped}`
  }
  const change = { estimate: ratio.estimate - 1, low: ratio.low - 1, high: ratio.high - 1 }
  const found = `${quantile} ${formatChange(change)}${sides}`
  switch (decision.status) {
    case 'undecided':
      return `${found}; ${stopped}`
    case 'inconclusive':
      return `${found}; ${isSuspicious(stalls) ? stallText(stalls) : 'the last interim analysis could not decide'}`
    case 'fail':
      return decision.causes.includes('stalls') ? `${found}; ${stallText(stalls)}` : found
    case 'improved':
    case 'pass':
      return found
  }
}

const isSuspicious = ({ p }: StallCount): boolean => p < suspiciousStalls

/** «the candidate stalled in 21 of 320 slices while the baseline beside it did not, and the baseline in 3 (chance 0.0001)» */
const stallText = ({ pairs, baseline, candidate, p }: StallCount): string =>
  `the candidate alone was over twice as slow as usual in ${candidate} of ${pairs} pairs of slices, the baseline alone in ${baseline} (by chance: ${p < 1e-4 ? 'less than 0.01 %' : `${(p * 100).toFixed(2)} %`})`

function levelOf(run: GateRun, operation: string, side: string): GateQuantity | null {
  const timing = findTiming(run.scenario, operation, side)
  const { quantile } = run.settings.rule
  const level = timing === undefined ? undefined : levelBounds(sampledRounds(timing), quantile, levelAlpha)
  return level === undefined ? null : { value: level.estimate, low: level.low, high: level.high, unit: 'ns' }
}
