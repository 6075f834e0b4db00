import { UsageError } from '../../core/errors.ts'
import type { TableDraw } from '../../scenario/scenario.ts'
import type { Row, Rows, SqlValue } from '../../target/connection.ts'
import { rowKeyOf, type RowKey } from '../../schema/row-key.ts'
import { quoteIdentifier } from '../../target/quote-identifier.ts'
import { cellList, readCells, unreadableColumn } from '../../target/cells.ts'

/** A database that is only asked. */
export interface AskedDatabase {
  query(sql: string, args?: Row): Promise<Rows>
}

/** Below what an answer may hold. */
const keysAtOnce = 20_000

/**
 * The key of a table's rows: the row number, or the primary key where a database keeps the table WITHOUT ROWID.
 * Undefined where neither tells the rows apart, as in a view.
 */
export async function rowKey(
  databases: readonly AskedDatabase[],
  table: string,
): Promise<RowKey | undefined> {
  let key: RowKey | undefined
  for (const database of databases) {
    const own = await rowKeyOf(database, table)
    if (own === undefined) return undefined
    if (key === undefined || own.kind === 'primary key') key = own
  }
  return key
}

/**
 * The key of every row that fits, in its order; how many there are where they are numbered from 1 without a gap.
 * @throws UsageError TEXT_NOT_UTF8 for a primary key that no driver can read
 */
export async function allKeys(
  database: AskedDatabase,
  { table, where }: Pick<TableDraw, 'table' | 'where'>,
  { kind, columns }: RowKey,
): Promise<number | readonly Row[]> {
  const from = quoteIdentifier(table)
  const [first = ''] = columns
  if (where === undefined && kind === 'rowid') {
    const { rows } = await database.query(`SELECT count(*), min(${first}), max(${first}) FROM ${from}`)
    const [count = 0, lowest, highest] = (rows[0] ?? []).map(Number)
    if (count === 0 || (lowest === 1 && highest === count)) return count
  }
  const list = columns.join(', ')
  // Only a primary key can hold texts.
  const cells = kind === 'rowid' ? list : cellList(columns)
  const keys: Row[] = []
  for (;;) {
    const last: Row | undefined = keys.at(-1)
    const conditions = [
      ...(last === undefined ? [] : [`(${list}) > (${last.map(() => '?').join(', ')})`]),
      ...(where === undefined ? [] : [`(${where}\n)`]),
    ]
    const condition = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
    const { rows } = await database.query(
      `SELECT ${cells} FROM ${from}${condition} ORDER BY ${list} LIMIT ${keysAtOnce}`,
      last,
    )
    keys.push(...(kind === 'rowid' ? rows : rows.map((row) => readKey(row, columns, table))))
    if (rows.length < keysAtOnce) return keys
  }
}

function readKey(row: Row, columns: readonly string[], table: string): Row {
  if (unreadableColumn(row, columns) === undefined) return readCells(row)
  throw new UsageError(
    'TEXT_NOT_UTF8',
    `the primary key of ${table} holds a text that is not valid UTF-8; repair such rows, or leave them out with where`,
  )
}

/** The key at a place from 1 on. */
export const keyAt = (keys: number | readonly Row[], place: number): Row =>
  typeof keys === 'number' ? [place] : (keys[place - 1] ?? [null as SqlValue])
