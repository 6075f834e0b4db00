import { formatChange, formatNs, formatRatioPercent } from '../core/number-format.ts'
import { decideGate, type OperationDecision } from '../measure/decide-gate.ts'
import { roundLevel } from '../measure/round-levels.ts'
import { gateOperations } from '../run/gate-operations.ts'
import { gateSides, type GateRun } from '../run/gate-run.ts'
import type { GateFinding, GateQuantity, GateVerdict } from '../run/gate-verdict.ts'
import { sampleCount, sliceSeries } from '../run/slice-series.ts'
import { judgeBudgets } from './budgets.ts'
import { gateVerdict } from './gate-word.ts'
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
  )
  const { word, operations: decisions } = decideGate(operations, run.settings.rule)
  const stopped =
    word === 'undecided'
      ? `${run.rounds.length} rounds were measured, too few to tell`
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
  const { toleranceRatio, smallestEffectRatio } = run.settings.rule
  const ratio = decision.word === 'invalid' ? null : decision.ratio
  const baseline = levelOf(run, operation, gateSides.baseline)
  const measured = levelOf(run, operation, gateSides.candidate)
  const change =
    ratio === null ? null : { estimate: ratio.estimate - 1, low: ratio.low - 1, high: ratio.high - 1 }
  const slices = slicesOf(run, operation, gateSides.candidate)
  const sides =
    measured === null || baseline === null
      ? ''
      : `, ${formatNs(measured.value)} against ${formatNs(baseline.value)}`
  const found = change === null ? 'p95: no look yet' : `p95 ${formatChange(change)}${sides}`
  return {
    kind: 'relative',
    scenario: run.scenario.id,
    variant: run.candidate.spec,
    operation,
    metric: 'p95',
    word: decision.word === 'undecided' ? 'inconclusive' : decision.word,
    measured,
    baseline,
    change,
    limit: `fails when surely more than ${formatRatioPercent(toleranceRatio)} slower, passes when surely less than ${formatRatioPercent(smallestEffectRatio)} slower`,
    reason: reasonOf(decision, found, stopped),
    rounds: ratio?.rounds ?? 0,
    samples: slices === undefined ? 0 : sampleCount(slices),
  }
}

function reasonOf(decision: OperationDecision, found: string, stopped: string): string {
  switch (decision.word) {
    case 'invalid':
      return decision.reason
    case 'undecided':
      return `${found}; ${stopped}`
    case 'inconclusive':
      return `${found}; the last look could not tell`
    case 'fail':
    case 'improved':
    case 'pass':
      return found
  }
}

const slicesOf = ({ scenario }: GateRun, operation: string, side: string) =>
  scenario.timings.find((timing) => timing.operation === operation && timing.variant === side)?.slices

function levelOf(run: GateRun, operation: string, side: string): GateQuantity | null {
  const slices = slicesOf(run, operation, side)
  const level = slices === undefined ? undefined : roundLevel(sliceSeries(slices, 'p95'), levelAlpha)
  return level === undefined ? null : { value: level.estimate, low: level.low, high: level.high, unit: 'ns' }
}
