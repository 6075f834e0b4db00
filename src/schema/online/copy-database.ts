import type { Connection } from '../../target/connection.ts'
import { NativeConnection } from '../../target/native.ts'
import { rowKeyOf } from '../row-key.ts'
import { changesTable } from './change-capture.ts'
import { copyKeys, copyTable } from './copy-rows.ts'
import type { ChangedRows } from './change-capture.ts'

type Reader = Pick<Connection, 'query'>

/** Nobody else sees the file, and a crash leaves nothing that counts. */
const pragmas = ['PRAGMA journal_mode = MEMORY', 'PRAGMA synchronous = OFF', 'PRAGMA foreign_keys = OFF']

/**
 * Makes a file of the tables, rows, indexes, views and triggers that a reader sees, without those that capture changes.
 * @param rows the rows of some keys instead of all of them
 */
export async function copyDatabase(
  reader: Reader,
  path: string,
  rows: 'all rows' | ChangedRows['tables'],
): Promise<void> {
  const copy = new NativeConnection(path, { pragmas })
  try {
    const { rows: objects } = await reader.query(
      `SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
       AND name NOT GLOB 'forgebench_capture_*' AND name <> '${changesTable}' AND name <> 'libsql_wasm_func_table'
       ORDER BY rowid`,
    )
    const [tables, others] = [true, false].map((isTable) =>
      objects.filter(([type]) => (type === 'table') === isTable),
    )
    copy.scriptSync('BEGIN')
    for (const [, , sql] of tables!) copy.scriptSync(String(sql))
    if (rows === 'all rows') {
      for (const [, name] of tables!) {
        const key = await rowKeyOf(copy, String(name))
        if (key !== undefined) await copyTable(reader, copy, { table: String(name), key })
      }
    } else for (const { table, keys } of rows) await copyKeys(reader, copy, table, keys)
    // Triggers must not run for rows that are copied.
    for (const [, , sql] of others!) copy.scriptSync(String(sql))
    copy.scriptSync('COMMIT')
  } finally {
    copy.close()
  }
}
