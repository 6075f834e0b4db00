import { UsageError } from '../core/errors.ts'
import { withoutMonthly } from './budget.ts'
import type { LoadedScenario } from './load.ts'

/**
 * The scenario with the operations named and no others, in its own order, and without budgets of others; all of them when none is named.
 * @throws UsageError UNKNOWN_OPERATION
 */
export function withOperations(loaded: LoadedScenario, ids?: readonly string[]): LoadedScenario {
  if (ids === undefined) return loaded
  const { operations } = loaded.scenario
  const known = operations.map(({ id }) => id)
  const wanted = ids.map((id) => id.trim())
  const unknown = wanted.find((id) => !known.includes(id))
  if (unknown !== undefined) {
    throw new UsageError(
      'UNKNOWN_OPERATION',
      `${loaded.id} has no operation ${unknown}; it has ${known.join(', ')}`,
    )
  }
  const isWhole = known.every((id) => wanted.includes(id))
  // A budget of an operation that is not measured would say that it was not, and a part of the operations has no bill.
  const budgets = loaded.scenario.budgets
    ?.filter(({ operation }) => operation === undefined || wanted.includes(operation))
    .flatMap((budget) => (budget.operation !== undefined || isWhole ? [budget] : withoutMonthly(budget)))
  return {
    ...loaded,
    scenario: {
      ...loaded.scenario,
      operations: operations.filter(({ id }) => wanted.includes(id)),
      ...(budgets === undefined ? {} : { budgets }),
    },
  }
}
