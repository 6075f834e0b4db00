import { z } from 'zod'
import { objectOf, type FieldsOf } from '../core/fields.ts'

/** Something that a query plan must show: no sort, no table read as a whole, or an index by name. */
export type PlanFact = 'no temp b-tree' | 'no full scan' | `uses ${string}`

const above0 = z.number().gt(0, 'must be above 0')
// What a fact may say is checked where the nearest one can be named: in budget-rules.ts.
const planFact = z.string() as unknown as z.ZodType<PlanFact>

/** What a metric of budgets is a limit of. */
interface MetricForm {
  readonly limit: z.ZodType
  /** What is limited: an operation on a variant, a variant as a whole, or either. */
  readonly of: 'operation' | 'variant' | 'either'
  /** Needs timed rounds, and belongs to one machine. */
  readonly needsClock?: true
  /** Needs calls a month, and rows that a libSQL server counts. */
  readonly monthly?: true
  /** The one kind of operation that has it, and why. */
  readonly only?: { readonly kind: 'read' | 'write'; readonly why: string }
}

/** The metrics; how each is judged and suggested says `src/judge/gate/budget-metrics.ts`. */
export const budgetMetrics = {
  /** Microseconds that the 95th percentile may take at most; of a write, of a transaction. Belongs to one machine. */
  p95Us: { limit: above0, of: 'operation', needsClock: true },
  /** Executions (of a write, transactions) a second, at least, one after another. Belongs to one machine. */
  opsPerSec: { limit: above0, of: 'operation', needsClock: true },
  /** Rows that an execution may read at most, as libSQL servers count and Turso bills them. */
  rowsRead: { limit: above0, of: 'operation', only: { kind: 'read', why: 'is counted for reads' } },
  /** Rows read a month at most: of the operation, or without one of the variant, all its operations together. */
  rowsReadPerMonth: { limit: above0, of: 'either', monthly: true },
  /** Rows written a month at most, as `rowsReadPerMonth`. */
  rowsWrittenPerMonth: { limit: above0, of: 'either', monthly: true },
  /**
   * US dollars a month at most, at the prices beyond what a plan includes: of the rows of the operation, or without one of
   * the variant, all its operations and the bytes of its file.
   */
  usdPerMonth: { limit: above0.max(1e9, 'must be at most 1e9'), of: 'either', monthly: true },
  /** Virtual machine instructions of an execution, at most, on average over the arguments drawn. */
  vmSteps: { limit: above0, of: 'operation' },
  /** Steps through full scans of an execution, at most, on average; 0 for none. */
  fullScanSteps: { limit: z.number().gte(0, 'must be 0 or more'), of: 'operation' },
  /** Bytes that a statement appends to the write-ahead log, at most, on average. */
  walBytes: { limit: above0, of: 'operation', only: { kind: 'write', why: 'is the cost of a write' } },
  /** Bytes of the variant's file, at most; without an operation. */
  bytes: { limit: above0, of: 'variant' },
  /** What the query plan must show: a list of `'no temp b-tree'`, `'no full scan'` and `'uses <index>'`. */
  plan: { limit: z.array(planFact).min(1, 'must not be empty; leave it out for none'), of: 'operation' },
} as const satisfies Readonly<Record<string, MetricForm>>

export type BudgetMetric = keyof typeof budgetMetrics
export const metricNames = Object.keys(budgetMetrics) as readonly BudgetMetric[]

/** The form of a metric, without what its limit is. */
export const metricForm = (metric: BudgetMetric): MetricForm => budgetMetrics[metric]
export const timeMetrics = metricNames.filter((metric) => metricForm(metric).needsClock === true)

/** Over `keyof typeof`, not `BudgetMetric`: so their docstrings are kept. */
type Limits = {
  readonly [Metric in keyof typeof budgetMetrics]: z.ZodOptional<(typeof budgetMetrics)[Metric]['limit']>
}

const subjectFields = {
  /** As it is measured: `composite`, or `composite:no-stats`. */
  variant: z.string(),
  /** `bytes` has none; limits a month may leave it out; everything else needs one. */
  operation: z.string().optional(),
}
export const budgetFields = {
  ...subjectFields,
  ...(Object.fromEntries(
    metricNames.map((metric) => [metric, budgetMetrics[metric].limit.optional()]),
  ) as unknown as Limits),
}
/** Limits of one operation on one variant, or of a variant's file. What is left out is not limited. */
export interface Budget extends FieldsOf<typeof subjectFields>, FieldsOf<Limits> {}
export const budgetSchema: z.ZodType<Budget> = objectOf(budgetFields)

export const monthlyMetrics = metricNames.filter((metric) => metricForm(metric).monthly === true)

/** Whether a budget limits rows or money a month. */
export const isMonthly = (budget: Budget): boolean =>
  monthlyMetrics.some((metric) => budget[metric] !== undefined)

/** The limits of a budget on rows and money a month; empty for none. */
export const onlyMonthly = (budget: Budget): readonly Budget[] =>
  withMetrics(budget, (metric) => monthlyMetrics.includes(metric))

/** Its other limits; empty for none. */
export const withoutMonthly = (budget: Budget): readonly Budget[] =>
  withMetrics(budget, (metric) => !monthlyMetrics.includes(metric))

function withMetrics(budget: Budget, isKept: (metric: BudgetMetric) => boolean): readonly Budget[] {
  const { variant, operation } = budget
  const kept = metricNames.filter((metric) => budget[metric] !== undefined && isKept(metric))
  if (kept.length === 0) return []
  const limits = Object.fromEntries(kept.map((metric) => [metric, budget[metric]]))
  return [{ variant, ...(operation === undefined ? {} : { operation }), ...limits }]
}

/** Whether a budget needs timed rounds. */
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
