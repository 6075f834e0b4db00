import { isUtf8 } from 'node:buffer'
import { TargetError } from '../core/errors.ts'
import type { NativeConnection } from './native.ts'
import { quoteIdentifier } from './quote-identifier.ts'

/**
 * Refuses a file in whose schema or records bytes have changed: the driver ends the process, without a word, when it
 * reads a text that is not UTF-8 (libsql 0.5.29). Rows of the user's tables are not read here: read them as bytes.
 * @param path for the message
 * @throws TargetError TARGET_CORRUPT, and what the engine says of the file
 */
export function refuseUnreadable(connection: NativeConnection, path: string): void {
  const encoding = connection.querySync('PRAGMA encoding').rows[0]?.[0]
  // The engine converts UTF-16, and what it makes of it is UTF-8.
  if (encoding !== 'UTF-8') return
  refuseTexts(connection, path, 'sqlite_schema', ['name', 'tbl_name', 'sql'])
  const own = `SELECT name FROM sqlite_schema
    WHERE type = 'table' AND (name LIKE 'forgebench\\_%' ESCAPE '\\' OR name = 'sqlite_stat1')`
  for (const [name] of connection.querySync(own).rows) {
    const table = String(name)
    const columns = connection.querySync('SELECT name FROM pragma_table_info(?)', [table]).rows
    refuseTexts(
      connection,
      path,
      table,
      columns.map(([column]) => String(column)),
    )
  }
}

function refuseTexts(
  connection: NativeConnection,
  path: string,
  table: string,
  columns: readonly string[],
): void {
  const bytes = columns.map((column) => `CAST(${quoteIdentifier(column)} AS BLOB)`)
  const { rows } = connection.querySync(`SELECT ${bytes.join(', ')} FROM ${quoteIdentifier(table)}`)
  for (const value of rows.flat()) {
    if (!(value instanceof Uint8Array) || isUtf8(value)) continue
    throw new TargetError(
      'TARGET_CORRUPT',
      `${path}: database disk image is malformed: ${table} holds bytes that are no text; restore the file from a backup`,
    )
  }
}
