import { UsageError } from '../core/errors.ts'
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
  // A budget of an operation that is not measured would say that it was not.
  const budgets = loaded.scenario.budgets?.filter(
    ({ operation }) => operation === undefined || wanted.includes(operation),
  )
  return {
    ...loaded,
    scenario: {
      ...loaded.scenario,
      operations: operations.filter(({ id }) => wanted.includes(id)),
      ...(budgets === undefined ? {} : { budgets }),
    },
  }
}
