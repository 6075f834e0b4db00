import { errorAt } from '../../core/error-text.ts'
import { runInChild } from '../../measure/child-process.ts'
import { planChange, planFingerprint, readPlan } from '../../schema/plan.ts'
import type { StatisticsRow } from '../../statistics/statistics-rows.ts'
import type { ExplainRow } from '../../target/connection.ts'
import { setStatistics } from './local-copy.ts'
import type { CostTask, StatementCost } from './statement-costs.ts'
import type { WorkloadStatement } from './workload.ts'

/** A statement before and after statistics are replaced. */
export interface ForetoldStatement {
  readonly statement: WorkloadStatement
  readonly before: StatementCost
  readonly after: StatementCost
  /** What becomes of the plan in one phrase; empty where it stays. */
  readonly change: string
}

/** A local copy of the database, or of its schema. */
export interface Copy {
  readonly path: string
  readonly holdsRows: boolean
}

const entry = new URL(`./statement-costs.process${import.meta.url.slice(-3)}`, import.meta.url)

/**
 * Plans and steps of a workload on a copy with each of the given statistics. User's statements run in a process of their
 * own, for the driver ends it where a text is not UTF-8.
 * @throws UsageError for a statement that fails
 */
export async function costsWith(
  { path, holdsRows }: Copy,
  statements: readonly WorkloadStatement[],
  rows: readonly StatisticsRow[],
  signal: AbortSignal,
): Promise<readonly StatementCost[]> {
  if (statements.length === 0) return []
  setStatistics(path, rows)
  const task: CostTask = { path, statements, holdsRows }
  return runInChild<CostTask, readonly StatementCost[]>(entry, task, signal).catch((error: unknown) => {
    throw errorAt('', error, [path])
  })
}

/** Sets what was before beside what comes after. */
export const foretell = (
  statements: readonly WorkloadStatement[],
  before: readonly StatementCost[],
  after: readonly StatementCost[],
): readonly ForetoldStatement[] =>
  statements.flatMap((statement, index) => {
    const [old, fresh] = [before[index], after[index]]
    if (old === undefined || fresh === undefined) return []
    const isSame = planOf(old.explain) === planOf(fresh.explain)
    const change = isSame ? '' : planChange(readPlan(old.explain), readPlan(fresh.explain))
    return [{ statement, before: old, after: fresh, change }]
  })

/** Equal for two plans alike. */
export const planOf = (explain: readonly ExplainRow[]): string => planFingerprint(readPlan(explain))

/** A statement with this many times the steps is worse: the counts are exact, but samples of arguments differ. */
const worseFactor = 1.1

/** Whether a statement would take more steps than before. */
export const isWorse = ({ before, after }: ForetoldStatement): boolean =>
  before.vmSteps !== null && after.vmSteps !== null && after.vmSteps > before.vmSteps * worseFactor
