import type { GateFinding } from '../../run/gate/gate-verdict.ts'
import type { BudgetRun, ScenarioRun } from '../../run/run.ts'
import { failAlphaOf } from '../../stats/budget-alpha.ts'
import { timeMetrics } from '../../scenario/budget.ts'
import { invalid, type BudgetJudgement } from './budget-counters.ts'
import { judgeLimits, subjectOf } from './budget-metrics.ts'

/**
 * What the budgets that a Run records say of it. Bounds decide about time, and the values about what is counted; what
 * was not measured, or rests on too little, is invalid.
 * @param nameOf how the gate calls a variant; as the Run does unless given
 */
export function judgeBudgets(
  scenario: ScenarioRun,
  nameOf: (variant: string) => string = (variant) => variant,
): readonly GateFinding[] {
  const budgets = scenario.budgets ?? []
  const timed = budgets.flatMap((budget) => timeMetrics.filter((metric) => budget[metric] !== undefined))
  const failAlpha = failAlphaOf(timed.length)
  return budgets.flatMap((budget) =>
    judgeBudget(scenario, budget, failAlpha).map((judged) => ({
      kind: 'budget',
      scenario: scenario.id,
      variant: nameOf(budget.variant),
      operation: budget.operation ?? null,
      baseline: null,
      change: null,
      ...judged,
    })),
  )
}

function judgeBudget(
  scenario: ScenarioRun,
  budget: BudgetRun,
  failAlpha: number,
): readonly BudgetJudgement[] {
  const subject = subjectOf(scenario, budget)
  const judgements = judgeLimits(budget, subject, failAlpha)
  // Nothing that this Run holds may speak for what it was not made of.
  if (subject.variant === undefined)
    return judgements.map((each) => invalid(each, 'the Run has no such variant'))
  if (budget.operation !== undefined && !scenario.operations.some(({ id }) => id === budget.operation))
    return judgements.map((each) => invalid(each, 'the Run has no such operation'))
  return judgements
}
