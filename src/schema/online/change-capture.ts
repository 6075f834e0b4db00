import { UsageError } from '../../core/errors.ts'
import type { Connection } from '../../target/connection.ts'
import { quoteIdentifier } from '../../target/quote-identifier.ts'
import { rowKeyOf, type RowKey } from '../row-key.ts'

type Reader = Pick<Connection, 'query'>

/** Where triggers note which rows are written while a migration is prepared: a row each, in the writer's transaction. */
export const changesTable = 'forgebench_changes'
const triggerPrefix = 'forgebench_capture_'

/** A table whose rows are watched, and what tells them apart. */
export interface CapturedTable {
  readonly table: string
  readonly key: RowKey
}

/** Rows that were written, by table: their keys as SQL literals, each once. */
export interface ChangedRows {
  /** Up to which note. */
  readonly until: number
  readonly tables: readonly { readonly table: CapturedTable; readonly keys: readonly string[] }[]
}

/**
 * The user's tables, with their keys.
 * @throws UsageError ONLINE_VIRTUAL for virtual tables, which take no triggers, and tables without a key
 */
export async function capturedTables(reader: Reader): Promise<readonly CapturedTable[]> {
  const { rows } = await reader.query(
    `SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual')
     AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'forgebench\\_%' ESCAPE '\\'
     AND name <> 'libsql_wasm_func_table' ORDER BY name`,
  )
  const tables: CapturedTable[] = []
  for (const [name, type] of rows) {
    const table = String(name)
    const key = type === 'virtual' ? undefined : await rowKeyOf(reader, table)
    if (key === undefined) {
      throw new UsageError(
        'ONLINE_TABLE',
        `table ${table}: what is written to ${type === 'virtual' ? 'a virtual table' : 'a table that hides its row numbers'} cannot be noted; use forgebench migrate up`,
      )
    }
    tables.push({ table, key })
  }
  return tables
}

/**
 * Statements that begin to note every row that is inserted or changed; run them in one transaction. Nothing is noted of
 * rows that are deleted, for there is nothing of them to check.
 * @param run tells this migration from another that takes over
 */
export function startCapture(tables: readonly CapturedTable[], run: string): readonly string[] {
  const triggers = tables.flatMap(({ table, key }, index) => {
    const literal = key.columns.map((column) => `quote(NEW.${column})`).join(` || ',' || `)
    return ['INSERT', 'UPDATE'].map(
      (
        event,
      ) => `CREATE TRIGGER ${triggerPrefix}${index}_${event.toLowerCase()} AFTER ${event} ON ${quoteIdentifier(table)}
BEGIN INSERT INTO ${changesTable} (table_number, row_key) VALUES (${index}, ${literal}); END`,
    )
  })
  return [
    `CREATE TABLE ${changesTable} (position INTEGER PRIMARY KEY, table_number INTEGER NOT NULL, row_key NOT NULL)`,
    `INSERT INTO ${changesTable} (position, table_number, row_key) VALUES (0, -1, '${run}')`,
    ...triggers,
  ]
}

/** True where a migration is under way, or was killed. */
export const hasCapture = async (reader: Reader): Promise<boolean> =>
  (await reader.query(`SELECT 1 FROM sqlite_schema WHERE name = ?`, [changesTable])).rows.length > 0

/** True where the changes are captured for this run, and not for another that took over. */
export const isCapturedBy = async (reader: Reader, run: string): Promise<boolean> =>
  (await hasCapture(reader)) &&
  (await reader.query(`SELECT 1 FROM ${changesTable} WHERE position = 0 AND row_key = ?`, [run])).rows
    .length > 0

/** Statements that remove what `startCapture` made, whoever did. */
export async function stopCapture(reader: Reader): Promise<readonly string[]> {
  const { rows } = await reader.query(
    `SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name GLOB '${triggerPrefix}*'`,
  )
  return [
    ...rows.map(([name]) => `DROP TRIGGER ${quoteIdentifier(String(name))}`),
    `DROP TABLE IF EXISTS ${changesTable}`,
  ]
}

/** The names of the triggers of `startCapture`. */
export const captureTriggers = (tables: readonly CapturedTable[]): readonly string[] =>
  tables.flatMap((_, index) => [`${triggerPrefix}${index}_insert`, `${triggerPrefix}${index}_update`])

/** The rows that were written after note number `after`. */
export async function changedRows(
  reader: Reader,
  tables: readonly CapturedTable[],
  after: number,
): Promise<ChangedRows> {
  const { rows: last } = await reader.query(`SELECT max(position) FROM ${changesTable}`)
  const until = Number(last[0]?.[0])
  const { rows } = await reader.query(
    `SELECT DISTINCT table_number, row_key FROM ${changesTable} WHERE position > ? AND position <= ? ORDER BY 1, 2`,
    [after, until],
  )
  const found = tables.map((table, index) => ({
    table,
    keys: rows.filter(([number]) => Number(number) === index).map(([, key]) => String(key)),
  }))
  return { until, tables: found.filter(({ keys }) => keys.length > 0) }
}
