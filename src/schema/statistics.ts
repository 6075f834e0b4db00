import type { Connection } from '../target/connection.ts'

/** `none` when the planner has only its defaults, `analyzed` when `sqlite_stat1` has rows. */
export type StatisticsState = 'none' | 'analyzed'

const countTables = `SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'`

/** Whether the planner of this database knows how its values are spread. */
export async function statisticsState(connection: Connection): Promise<StatisticsState> {
  if (Number((await connection.query(countTables)).rows[0]?.[0]) === 0) return 'none'
  const { rows } = await connection.query('SELECT 1 FROM sqlite_stat1 LIMIT 1')
  return rows.length === 0 ? 'none' : 'analyzed'
}

/** ANALYZE of everything; this connection and new ones plan with it from now on. */
export async function analyze(connection: Connection): Promise<void> {
  await connection.script('ANALYZE')
}

/**
 * Back to the planner's defaults. An emptied `sqlite_stat1` stays in memory until the schema is loaded again:
 * DROP TABLE changes the schema cookie, so that every connection reloads and forgets, this one by
 * `ANALYZE sqlite_schema` (https://sqlite.org/lang_analyze.html).
 */
export async function dropStatistics(connection: Connection): Promise<void> {
  await connection.script('DROP TABLE IF EXISTS sqlite_stat4; DROP TABLE IF EXISTS sqlite_stat1')
  await connection.script('ANALYZE sqlite_schema')
  if (Number((await connection.query(countTables)).rows[0]?.[0]) === 0) return
  await connection.script('DROP TABLE sqlite_stat1')
}
