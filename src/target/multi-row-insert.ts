import type { Row, SqlValue } from './connection.ts'
import { quoteIdentifier } from './quote-identifier.ts'

/** One INSERT of several rows. */
export interface MultiRowInsert {
  readonly sql: string
  readonly args: Row
  readonly rows: number
}

export interface InsertLimits {
  /** SQLite's MAX_VARIABLE_NUMBER: bound values of a statement. */
  readonly parameters: number
  /** Of the values, about; a row that is larger goes alone. */
  readonly bytes: number
}

/** A request of a megabyte takes milliseconds, and thousands of them any memory they like. */
export const defaultLimits: InsertLimits = { parameters: 32_766, bytes: 1_000_000 }

/** Puts rows of one table, in order, into as few statements as limits allow. Holds the rows of one statement. */
export function* multiRowInserts(
  table: string,
  columns: readonly string[],
  rows: Iterable<Row>,
  limits: InsertLimits = defaultLimits,
): Generator<MultiRowInsert> {
  const insert = `INSERT INTO ${quoteIdentifier(table)} (${columns.map(quoteIdentifier).join(', ')}) VALUES `
  const tuple = `(${columns.map(() => '?').join(', ')})`
  const mostRows = Math.max(1, Math.floor(limits.parameters / columns.length))
  let args: SqlValue[] = []
  let [count, bytes] = [0, 0]
  const statement = (): MultiRowInsert => ({
    sql: insert + Array.from({ length: count }, () => tuple).join(', '),
    args,
    rows: count,
  })
  for (const row of rows) {
    const rowBytes = row.reduce<number>((sum, value) => sum + valueBytes(value), 0)
    if (count > 0 && (count >= mostRows || bytes + rowBytes > limits.bytes)) {
      yield statement()
      ;[args, count, bytes] = [[], 0, 0]
    }
    args.push(...row)
    count += 1
    bytes += rowBytes
  }
  if (count > 0) yield statement()
}

/** Roughly what a value takes in a request. */
function valueBytes(value: SqlValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  return value instanceof Uint8Array ? Math.ceil(value.length / 3) * 4 : 8
}
