import { gateSides } from '../../run/gate/gate-run.ts'
import { isMonthly, metricNames, timeMetrics, withoutMonthly, type Budget } from '../../scenario/budget.ts'
import type { Operation } from '../../scenario/scenario.ts'
import type { GateSide } from './sides/gate-side.ts'

/** The budgets that a relative gate judges besides, and what is left out. */
export interface CandidateBudgets {
  readonly budgets: readonly Budget[]
  readonly notes: readonly string[]
}

const withoutTimes = (budget: Budget): Budget => ({
  variant: budget.variant,
  ...Object.fromEntries(
    Object.entries(budget).filter(([name]) => !timeMetrics.some((metric) => metric === name)),
  ),
})

/**
 * Budgets of the variant that the candidate is, as those of the gate's candidate, for the operations that are measured.
 * Limits on the time of writes are left out, with a note, where writes are not timed.
 */
export function candidateBudgets(
  { loaded, place }: GateSide,
  operations: readonly Operation[],
  timesWrites: boolean,
): CandidateBudgets {
  if (place.kind !== 'variant') return { budgets: [], notes: [] }
  const kindOf = new Map(operations.map(({ id, kind }) => [id, kind]))
  const all = (loaded.scenario.budgets ?? []).filter(
    ({ variant, operation }) =>
      variant === place.variant.id && (operation === undefined || kindOf.has(operation)),
  )
  const its = all.flatMap(withoutMonthly)
  const untimed = (budget: Budget): boolean =>
    !timesWrites &&
    kindOf.get(budget.operation ?? '') === 'write' &&
    timeMetrics.some((name) => name in budget)
  return {
    budgets: its.flatMap((budget) => {
      const kept = untimed(budget) ? withoutTimes(budget) : budget
      return metricNames.some((name) => kept[name] !== undefined)
        ? [{ ...kept, variant: gateSides.candidate }]
        : []
    }),
    notes: [
      ...its
        .filter(untimed)
        .map(
          ({ operation }) =>
            `the budget on the time of ${operation} was not judged: a write is timed when --operations names it`,
        ),
      ...(all.some(isMonthly)
        ? [
            `budgets on rows and money a month were not judged; gate budgets ${loaded.id} and gate counters judge them`,
          ]
        : []),
    ],
  }
}
