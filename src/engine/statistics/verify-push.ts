import { describePlan, readPlan } from '../../schema/plan.ts'
import type { PlannerDatabase } from '../../statistics/planner-database.ts'
import { planOf, type ForetoldStatement } from './foretell.ts'

/** A statement that the target does otherwise than a copy of it. */
export interface OtherPlan {
  readonly id: string
  /** On the copy. */
  readonly foretold: string
  readonly found: string
}

/**
 * Asks a new connection to the target for the plans of a workload, and says which are not those of the copy, with the
 * statistics from before the push or those after it.
 * @throws TargetError
 */
export async function otherPlans(
  target: PlannerDatabase,
  foretold: readonly ForetoldStatement[],
  when: 'before' | 'after',
): Promise<readonly OtherPlan[]> {
  const fresh = await target.reopen()
  try {
    const others: OtherPlan[] = []
    for (const {
      statement,
      [when]: { explain },
    } of foretold) {
      const found = await fresh.explain(statement.sql, statement.argsList[0] ?? [])
      if (planOf(found) === planOf(explain)) continue
      others.push({
        id: statement.id,
        foretold: describePlan(readPlan(explain)),
        found: describePlan(readPlan(found)),
      })
    }
    return others
  } finally {
    fresh.close()
  }
}
