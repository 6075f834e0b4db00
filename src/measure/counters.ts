import type { Row } from '../target/connection.ts'
import type { NativeConnection } from '../target/native.ts'

/** Work of the engine, free of any clock: sums over the executions of one prepared statement. */
export interface Counters {
  /** Virtual machine instructions. */
  readonly vmSteps: number
  /** Steps of a cursor through a full scan. */
  readonly fullScanSteps: number
  readonly sorts: number
  /** Rows put into automatic indexes. */
  readonly autoIndexRows: number
}

/**
 * Prepares `sql`, lets `execute` run it, and reads what SQLite counted for this statement from `sqlite_stmt`
 * (SQLITE_STMTSTATUS_VM_STEP, _FULLSCAN_STEP, _SORT, _AUTOINDEX). The connection should be fresh: a second live
 * statement with the same text would be counted too.
 */
export function countStatement(
  connection: NativeConnection,
  sql: string,
  execute: (statement: ReturnType<NativeConnection['prepare']>) => void,
): Counters {
  const statement = connection.prepare(sql)
  execute(statement)
  const { rows } = connection.querySync(
    'SELECT sum(nstep), sum(nscan), sum(nsort), sum(naidx) FROM sqlite_stmt WHERE sql = ?',
    [sql],
  )
  const [vmSteps, fullScanSteps, sorts, autoIndexRows] = (rows[0] ?? ([] as Row)).map(Number)
  if (
    vmSteps === undefined ||
    fullScanSteps === undefined ||
    sorts === undefined ||
    autoIndexRows === undefined
  ) {
    throw new RangeError('sqlite_stmt gave no counters')
  }
  return { vmSteps, fullScanSteps, sorts, autoIndexRows }
}
