import { countStatement } from '../../measure/counters.ts'
import { namingOperation } from '../../measure/operation-error.ts'
import type { ExplainRow } from '../../target/connection.ts'
import { explainQueryPlan } from '../../target/explain.ts'
import { NativeConnection } from '../../target/native.ts'
import type { WorkloadStatement } from './workload.ts'

export interface CostTask {
  /** A copy: writes are run there, and rolled back. */
  readonly path: string
  readonly statements: readonly WorkloadStatement[]
  /** Without rows only plans mean anything. */
  readonly holdsRows: boolean
}

/** How the planner of a copy does a statement. */
export interface StatementCost {
  readonly explain: readonly ExplainRow[]
  /** Steps of the virtual machine over all executions; null on a copy without rows. */
  readonly vmSteps: number | null
}

/** Plans and steps of all statements on one copy, each over a connection of its own. */
export async function statementCosts({
  path,
  statements,
  holdsRows,
}: CostTask): Promise<readonly StatementCost[]> {
  const costs: StatementCost[] = []
  for (const statement of statements) {
    costs.push(
      await namingOperation(statement.id, () => ({
        explain: explainQueryPlan(path, statement.sql, statement.argsList[0] ?? []),
        vmSteps: holdsRows ? countSteps(path, statement) : null,
      })),
    )
  }
  return costs
}

function countSteps(path: string, { sql, argsList }: WorkloadStatement): number {
  const connection = new NativeConnection(path)
  try {
    connection.scriptSync('BEGIN')
    try {
      return countStatement(connection, sql, (statement) => {
        for (const args of argsList) {
          if (statement.reader) statement.safeIntegers(true).all(args)
          else statement.run(args)
        }
      }).vmSteps
    } finally {
      if (connection.inTransaction) connection.scriptSync('ROLLBACK')
    }
  } finally {
    connection.close()
  }
}
