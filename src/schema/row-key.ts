import type { Connection } from '../target/connection.ts'
import { quoteIdentifier } from '../target/quote-identifier.ts'

/** What tells the rows of a table apart: names of columns, quoted. */
export type RowKey = { readonly kind: 'rowid' | 'primary key'; readonly columns: readonly string[] }

const rowidNames = ['rowid', '_rowid_', 'oid']

/** The row number, or the primary key where the table is WITHOUT ROWID; undefined where neither is, as in a view. */
export async function rowKeyOf(
  database: Pick<Connection, 'query'>,
  table: string,
): Promise<RowKey | undefined> {
  const kinds = await database.query(
    `SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ? COLLATE NOCASE`,
    [table],
  )
  const [kind, withoutRowid] = kinds.rows[0] ?? []
  if (kind === 'view') return undefined
  const { rows } = await database.query('SELECT name, pk FROM pragma_table_xinfo(?) ORDER BY pk', [table])
  const taken = new Set(rows.map(([name]) => String(name).toLowerCase()))
  const rowid = rowidNames.find((name) => !taken.has(name))
  if (Number(withoutRowid ?? 0) === 0 && rowid !== undefined) return { kind: 'rowid', columns: [rowid] }
  const columns = rows.filter(([, pk]) => Number(pk) > 0).map(([name]) => quoteIdentifier(String(name)))
  return columns.length === 0 ? undefined : { kind: 'primary key', columns }
}
