import type { GateFinding } from '../../run/gate-verdict.ts'
import type { BudgetRun, ScenarioRun } from '../../run/run.ts'
import { failAlphaOf } from '../../stats/budget-alpha.ts'
import { judgeBytes, judgeCounter } from './budget-counters.ts'
import { invalid, type BudgetJudgement } from './budget-judgement.ts'
import { judgePlan } from './budget-plan.ts'
import { judgeTime } from './budget-time.ts'

const counters = ['rowsRead', 'vmSteps', 'fullScanSteps', 'walBytes'] as const

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
  const timed = budgets.flatMap(({ p95Us, opsPerSec }) => [p95Us, opsPerSec])
  const failAlpha = failAlphaOf(timed.filter((limit) => limit !== undefined).length)
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
  const { p95Us, opsPerSec, plan, bytes } = budget
  const variant = scenario.variants.find(({ id }) => id === budget.variant)
  const operation = scenario.operations.find(({ id }) => id === budget.operation)
  const evidence = scenario.evidence.find((each) => isOf(each, budget))
  const timing = scenario.timings.find((each) => isOf(each, budget))
  const judgements = [
    ...(p95Us === undefined ? [] : [judgeTime(timing, 'p95Us', p95Us, failAlpha)]),
    ...(opsPerSec === undefined ? [] : [judgeTime(timing, 'opsPerSec', opsPerSec, failAlpha)]),
    ...counters.flatMap((name) => {
      const limit = budget[name]
      return limit === undefined ? [] : [judgeCounter(evidence, name, limit)]
    }),
    ...(plan === undefined ? [] : [judgePlan(evidence, plan)]),
    ...(bytes === undefined ? [] : [judgeBytes(variant, bytes)]),
  ]
  // Nothing that this Run holds may speak for what it was not made of.
  if (variant === undefined) return judgements.map((each) => invalid(each, 'the Run has no such variant'))
  if (operation === undefined && budget.operation !== undefined)
    return judgements.map((each) => invalid(each, 'the Run has no such operation'))
  return judgements
}

const isOf = (
  each: { readonly operation: string; readonly variant: string },
  { operation, variant }: BudgetRun,
): boolean => each.operation === operation && each.variant === variant
