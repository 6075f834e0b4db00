import { TargetError } from '../core/errors.ts'
import type { PlannerDatabase } from './planner-database.ts'
import {
  readStatistics,
  replaceStatements,
  sameRows,
  type BoundStatement,
  type StatisticsRow,
} from './statistics-rows.ts'

/** Makes an empty `sqlite_stat1` where there is none; a libSQL server refuses it (https://sqlite.org/lang_analyze.html). */
const createTable: BoundStatement = { sql: 'ANALYZE sqlite_schema', args: [] }
const dropTable: BoundStatement = { sql: 'DROP TABLE IF EXISTS sqlite_stat1', args: [] }

/**
 * Makes `sqlite_stat1` hold these rows, in one transaction, and reads them back over a connection of its own, as the
 * next planner will. When the connection breaks on the way, that tells whether they arrived.
 * @param before rows that are replaced; undefined where there is no table, which is then made
 * @param after undefined takes the table away again
 * @throws TargetError that says whether anything was changed
 */
export async function replaceStatistics(
  database: PlannerDatabase,
  before: readonly StatisticsRow[] | undefined,
  after: readonly StatisticsRow[] | undefined,
): Promise<void> {
  const statements =
    after === undefined
      ? [dropTable]
      : [...(before === undefined ? [createTable] : []), ...replaceStatements(after)]
  let failure: TargetError | undefined
  try {
    await database.transaction(statements)
  } catch (error) {
    if (!(error instanceof TargetError)) throw error
    failure = error
  }
  const found = await rowsNow(database).catch((error: unknown) => {
    throw failure === undefined ? error : withState(failure, 'and it is not known whether the rows arrived')
  })
  if (isSameState(found, after)) return
  if (failure !== undefined) {
    throw withState(
      failure,
      isSameState(found, before) ? 'nothing was changed' : 'somebody else changed the rows',
    )
  }
  throw new TargetError(
    'STATISTICS_DIFFER',
    `${database.shown}: does not hold the rows that were written; somebody else writes them too: try again`,
  )
}

async function rowsNow(database: PlannerDatabase): Promise<readonly StatisticsRow[] | undefined> {
  const fresh = await database.reopen()
  try {
    return await readStatistics(fresh)
  } finally {
    fresh.close()
  }
}

const isSameState = (
  a: readonly StatisticsRow[] | undefined,
  b: readonly StatisticsRow[] | undefined,
): boolean => (a === undefined || b === undefined ? a === b : sameRows(a, b))

const withState = (error: TargetError, state: string): TargetError =>
  new TargetError(error.code, `${error.message}; ${state}`, { cause: error })
