import { UsageError } from '../core/errors.ts'
import { mergedBudgets, type Budget } from './budget.ts'
import { budgetMistakes } from './budget-rules.ts'
import { expandVariants } from './expand.ts'
import type { LoadedScenario } from './load.ts'
import { mistakesText } from './mistake.ts'

/**
 * The scenario with budgets from elsewhere besides its own; where both limit the same, the others count.
 * @param file and `place` say where they stand, for messages
 * @throws UsageError BUDGET_INVALID when they name what the scenario has not
 */
export function withBudgets(
  loaded: LoadedScenario,
  budgets: readonly Budget[],
  file: string,
  place: string,
): LoadedScenario {
  if (budgets.length === 0) return loaded
  const { scenario } = loaded
  const mistakes = budgetMistakes(budgets, place, {
    variants: expandVariants(scenario),
    operations: scenario.operations,
  })
  if (mistakes.length > 0) throw new UsageError('BUDGET_INVALID', mistakesText(mistakes, file))
  return {
    ...loaded,
    scenario: { ...scenario, budgets: mergedBudgets([...(scenario.budgets ?? []), ...budgets]) },
  }
}
