import { UsageError } from '../core/errors.ts'
import { budgetMistakes, type BudgetNames } from './budget-rules.ts'
import { claimMistakes, measuredVariants } from './claim-rules.ts'
import type { ClaimsFile } from './claims-file.ts'
import { datasetMistakes } from './dataset-shape.ts'
import {
  fieldsOf,
  itemsOf,
  mistakesText,
  repeatedIds,
  shapeMistakes,
  type Fields,
  type Mistake,
} from './mistake.ts'
import { operationMistakes } from './operation-rules.ts'
import { scenarioSchema, type Scenario } from './scenario.ts'
import { variantMistakes } from './variant-rules.ts'

/**
 * The value as a Scenario, when nothing is wrong with it.
 * @throws UsageError SCENARIO_INVALID with all mistakes at once, each with the path and the place in the file
 */
export function checkScenario(value: unknown, path: string, stated: ClaimsFile): Scenario {
  const mistakes = scenarioMistakes(value, stated)
  if (mistakes.length === 0) return value as Scenario
  throw new UsageError('SCENARIO_INVALID', mistakesText(mistakes, path))
}

/** Everything that is wrong with a scenario; no mistake hides another. */
function scenarioMistakes(value: unknown, stated: ClaimsFile): readonly Mistake[] {
  const scenario = fieldsOf(value)
  const variants = itemsOf(scenario['variants'])
  const operations = itemsOf(scenario['operations'])
  return [
    ...shapeMistakes(scenarioSchema, value, ''),
    ...standMistakes(scenario),
    ...repeatedIds(variants, 'variants'),
    ...variantMistakes(variants),
    ...operations.flatMap((operation, index) => operationMistakes(operation, `operations[${index}]`)),
    ...repeatedIds(operations, 'operations'),
    ...claimMistakes(scenario, stated),
    ...repeatedIds(itemsOf(scenario['claims']), 'claims', 'claim'),
    ...repeatedIds(itemsOf(scenario['clientWork']), 'clientWork'),
    ...budgetMistakes(scenario['budgets'], 'budgets', budgetNames(scenario)),
  ]
}

/** What is wrong with what a scenario or a sweep stands on. */
export function standMistakes({ dataset, database }: Fields): readonly Mistake[] {
  if (dataset === undefined) return []
  return [
    ...(typeof dataset === 'string' ? [] : datasetMistakes(dataset, 'dataset')),
    ...(database === undefined
      ? []
      : [{ place: 'database', what: 'stands in place of a dataset; name one of the two' }]),
  ]
}

/** What budgets of a scenario may name, whatever else is wrong with it. */
export const budgetNames = (scenario: Fields): BudgetNames => ({
  variants: measuredVariants(scenario),
  operations: itemsOf(scenario['operations']).flatMap((operation) => {
    const { id, kind } = fieldsOf(operation)
    return typeof id === 'string' ? [{ id, kind: typeof kind === 'string' ? kind : '' }] : []
  }),
})
