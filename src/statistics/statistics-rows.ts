import type { Connection, Row } from '../target/connection.ts'

/** A database that is only asked, wherever it is. */
export type Asked = Pick<Connection, 'query'>

/** A row of `sqlite_stat1` (https://sqlite.org/fileformat2.html#stat1tab). */
export interface StatisticsRow {
  readonly table: string
  /** Null for the row of a table without indexes. The primary key of a WITHOUT ROWID table has the table's name. */
  readonly index: string | null
  /** Entries, then for each prefix of the key the mean rows per value, then words such as `sz=12` or `unordered`. */
  readonly stat: string | null
}

/** What a `stat` says; numbers that are none are left out, as the engine reads them. */
export interface Estimates {
  readonly entries: number | undefined
  /** Mean rows per value: of the first key column, of the first two, … */
  readonly rowsPerKey: readonly number[]
}

const hasTable = `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?`

/**
 * The rows of `sqlite_stat1` in their order; undefined where the table is missing. An embedded file must have been
 * through `refuseUnreadable`.
 * @throws TargetError
 */
export async function readStatistics(database: Asked): Promise<readonly StatisticsRow[] | undefined> {
  if (!(await tableExists(database, 'sqlite_stat1'))) return undefined
  const { rows } = await database.query('SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY rowid')
  return rows.map(([table, index, stat]) => ({
    table: String(table),
    index: textOrNull(index),
    stat: textOrNull(stat),
  }))
}

/** Rows of `sqlite_stat4`, which builds with STAT4 read beside `sqlite_stat1`; ours does not. */
export async function countHistogramRows(database: Asked): Promise<number> {
  if (!(await tableExists(database, 'sqlite_stat4'))) return 0
  return Number((await database.query('SELECT count(*) FROM sqlite_stat4')).rows[0]?.[0] ?? 0)
}

const tableExists = async (database: Asked, name: string): Promise<boolean> =>
  Number((await database.query(hasTable, [name])).rows[0]?.[0] ?? 0) > 0

const textOrNull = (value: Row[number] | undefined): string | null =>
  value === null || value === undefined ? null : String(value)

/** Reads a `stat` as the engine does (analyze.c, `decodeIntArray`): leading integers, then words. Never throws. */
export function readEstimates(stat: string | null): Estimates {
  const numbers = /^(?:\d+ ?)*/.exec(stat ?? '')?.[0].match(/\d+/g) ?? []
  const [entries, ...rowsPerKey] = numbers.map(Number)
  return { entries, rowsPerKey }
}

/** A `stat` with other mean rows per key; entries and words stay. */
export function withRowsPerKey(stat: string, rowsPerKey: readonly number[]): string {
  const { entries } = readEstimates(stat)
  const words = stat.replace(/^(?:\d+ ?)*/, '')
  return [entries ?? 0, ...rowsPerKey, ...(words === '' ? [] : [words])].join(' ')
}

/** Whether both hold the same rows, in whatever order. */
export function sameRows(a: readonly StatisticsRow[], b: readonly StatisticsRow[]): boolean {
  const texts = (rows: readonly StatisticsRow[]): readonly string[] =>
    rows.map(({ table, index, stat }) => JSON.stringify([table, index, stat])).toSorted()
  return JSON.stringify(texts(a)) === JSON.stringify(texts(b))
}

/** A statement with its arguments. */
export interface BoundStatement {
  readonly sql: string
  readonly args: Row
}

/** Statements that make `sqlite_stat1` hold exactly these rows; for one transaction. */
export const replaceStatements = (rows: readonly StatisticsRow[]): readonly BoundStatement[] => [
  { sql: 'DELETE FROM sqlite_stat1', args: [] },
  ...rows.map(({ table, index, stat }) => ({
    sql: 'INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)',
    args: [table, index, stat],
  })),
]
