import type { Connection, Row, SqlValue } from '../../target/connection.ts'
import type { NativeConnection } from '../../target/native.ts'
import { quoteIdentifier } from '../../target/quote-identifier.ts'
import type { CapturedTable } from './change-capture.ts'

type Reader = Pick<Connection, 'query'>

/** Rows of a query: an answer of a server may have 10 MB. */
const rowsAtOnce = 200

interface TableCopy {
  readonly insert: (row: Row) => void
  readonly select: string
}

/** Copies all rows of a table, with their row numbers and the exact type of every value. */
export async function copyTable(
  reader: Reader,
  into: NativeConnection,
  table: CapturedTable,
): Promise<number> {
  const { select, insert } = await tableCopy(reader, into, table)
  const key = table.key.columns
  const order = ` ORDER BY ${key.join(', ')} LIMIT ${rowsAtOnce}`
  const typed = key.map((_, at) => `?${at + 1}`).join(', ')
  const after = ` WHERE (${key.join(', ')}) > (${typed})`
  let copied = 0
  let last: Row | undefined
  for (;;) {
    const { rows } = await reader.query(select + (last === undefined ? '' : after) + order, last ?? [])
    for (const row of rows) insert(row)
    copied += rows.length
    if (rows.length < rowsAtOnce) return copied
    last = rows.at(-1)!.slice(0, key.length)
  }
}

/** Copies the rows of given keys (SQL literals) that are there. */
export async function copyKeys(
  reader: Reader,
  into: NativeConnection,
  table: CapturedTable,
  keys: readonly string[],
): Promise<number> {
  const { select, insert } = await tableCopy(reader, into, table)
  let copied = 0
  for (let from = 0; from < keys.length; from += rowsAtOnce) {
    const tuples = keys.slice(from, from + rowsAtOnce).map((key) => `(${key})`)
    const { rows } = await reader.query(
      `${select} WHERE (${table.key.columns.join(', ')}) IN (VALUES ${tuples.join(', ')})`,
    )
    for (const row of rows) insert(row)
    copied += rows.length
  }
  return copied
}

/** A row is read as its key, the storage class of each value (a letter), and the values: texts as bytes, whatever they are. */
async function tableCopy(
  reader: Reader,
  into: NativeConnection,
  { table, key }: CapturedTable,
): Promise<TableCopy> {
  const { rows } = await reader.query('SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0', [table])
  const named = rows.map(([name]) => quoteIdentifier(String(name)))
  const columns = key.kind === 'rowid' ? [...key.columns, ...named] : named
  const types = columns.map((column) => `substr(typeof(${column}), 1, 1)`).join(' || ')
  const values = columns.map(
    (column) => `iif(typeof(${column}) = 'text', CAST(${column} AS BLOB), ${column})`,
  )
  const bound = columns.map(
    (_, at) => `iif(?${2 * at + 1} = 't', CAST(?${2 * at + 2} AS TEXT), ?${2 * at + 2})`,
  )
  const name = quoteIdentifier(table)
  const select = `SELECT ${[...key.columns, types, ...values].join(', ')} FROM ${name}`
  const statement = into.prepare(`INSERT INTO ${name} (${columns.join(', ')}) VALUES (${bound.join(', ')})`)
  const insert = (row: Row): void => {
    const stored = String(row[key.columns.length])
    const cells = row.slice(key.columns.length + 1)
    statement.run(cells.flatMap((value, at) => [stored[at]!, asStored(value, stored[at]!)]))
  }
  return { insert, select }
}

/** The driver binds a number as REAL, and a bigint as INTEGER. */
const asStored = (value: SqlValue, type: string): SqlValue =>
  type === 'i' && typeof value === 'number' ? BigInt(value) : value
