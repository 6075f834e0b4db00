/** Something that a query plan must show: no sort, no table read as a whole, or an index by name. */
export type PlanFact = 'no temp b-tree' | 'no full scan' | `uses ${string}`

/** Limits of one operation on one variant, or of a variant's file. What is left out is not limited. */
export interface Budget {
  /** As it is measured: `composite`, or `composite:no-stats`. */
  readonly variant: string
  /** Everything but `bytes` needs one. */
  readonly operation?: string
  /** Microseconds that the 95th percentile may take at most; of a write, of a transaction. Belongs to one machine. */
  readonly p95Us?: number
  /** Executions (of a write, transactions) a second, at least, one after another. Belongs to one machine. */
  readonly opsPerSec?: number
  /** Rows that an execution may read at most, as libSQL servers count and Turso bills them. */
  readonly rowsRead?: number
  /** Virtual machine instructions of an execution, at most, on average over the arguments drawn. */
  readonly vmSteps?: number
  /** Steps through full scans of an execution, at most, on average; 0 for none. */
  readonly fullScanSteps?: number
  /** Bytes that a statement appends to the write-ahead log, at most, on average. */
  readonly walBytes?: number
  /** Bytes of the variant's file, at most; without an operation. */
  readonly bytes?: number
  readonly plan?: readonly PlanFact[]
}

/** What the limits of a budget are called; `bytes` is of a variant, everything else of an operation. */
export const budgetMetrics = [
  'p95Us',
  'opsPerSec',
  'rowsRead',
  'vmSteps',
  'fullScanSteps',
  'walBytes',
  'bytes',
  'plan',
] as const

export type BudgetMetric = (typeof budgetMetrics)[number]

/** Metrics that need a clock, and thus rounds. */
export const timeMetrics = ['p95Us', 'opsPerSec'] as const satisfies readonly BudgetMetric[]

export const needsClock = (budget: Budget): boolean =>
  timeMetrics.some((metric) => budget[metric] !== undefined)

/** The index that a fact `uses <index>` names; undefined for the other facts. */
export const indexOfFact = (fact: string): string | undefined => /^uses (\S+)$/.exec(fact)?.[1]

/**
 * Budgets as one entry for each operation of a variant. Where two speak of the same metric the later one counts; facts
 * about a plan add up.
 */
export function mergedBudgets(budgets: readonly Budget[]): readonly Budget[] {
  const merged = new Map<string, Budget>()
  for (const budget of budgets) {
    const key = JSON.stringify([budget.variant, budget.operation])
    const before = merged.get(key)
    const plan = [...new Set([...(before?.plan ?? []), ...(budget.plan ?? [])])]
    merged.set(key, { ...before, ...budget, ...(plan.length === 0 ? {} : { plan }) })
  }
  return [...merged.values()]
}
