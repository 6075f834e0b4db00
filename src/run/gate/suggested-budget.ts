import type { BudgetRun } from '../run.ts'

/** A budget that a Run would keep, and what its time limit is made of. */
export interface SuggestedBudget {
  readonly budget: BudgetRun
  /** Null where no time was measured. */
  readonly time: {
    readonly p95Ns: number
    /** The upper bound over rounds, which errs with `budgetAlpha` at most. */
    readonly highNs: number
    /** Standard deviation of the logarithm of a round's level. */
    readonly spread: number
    /** `highNs` times this is the limit. */
    readonly headroom: number
    readonly rounds: number
  } | null
}
