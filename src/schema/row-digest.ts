import { createHash } from 'node:crypto'
import type { Connection } from '../target/connection.ts'
import { readSchemaObjects } from './schema-objects.ts'

/** The rows of one table in rowid order. */
export interface TableRows {
  readonly table: string
  readonly rows: number
  /** sha256 over rowid, type and value of every column. */
  readonly digest: string
}

export interface DigestOptions {
  /**
   * `exact` tells 1 from 1.0 and text from bytes; `decoded` reads columns of type BLOB(16) as UUID text, so that
   * the same rows with text ids and with binary ids are alike.
   */
  readonly ids: 'exact' | 'decoded'
}

const rowsAtOnce = 1000

/** Digests of all rows of all tables of the schema under test, by table name. */
export async function digestRows(
  connection: Connection,
  options: DigestOptions,
): Promise<readonly TableRows[]> {
  const objects = await readSchemaObjects(connection)
  const digests: TableRows[] = []
  for (const { name } of objects.filter(({ kind }) => kind === 'table')) {
    digests.push(await digestTable(connection, name, options))
  }
  return digests
}

async function digestTable(
  connection: Connection,
  table: string,
  options: DigestOptions,
): Promise<TableRows> {
  const columns = await connection.query('SELECT name, type FROM pragma_table_info(?) ORDER BY name', [table])
  const values = columns.rows.map(([name, type]) => {
    const quoted = `"${String(name).replaceAll('"', '""')}"`
    return options.ids === 'decoded' && type === 'BLOB(16)' ? decodedId(quoted) : `quote(${quoted})`
  })
  const page = `SELECT rowid, ${values.join(` || ',' || `)} FROM "${table}" WHERE rowid > ? ORDER BY rowid LIMIT ${rowsAtOnce}`
  const hash = createHash('sha256')
  let count = 0
  let last: number | bigint = -1n << 62n
  for (;;) {
    const { rows } = await connection.query(page, [last])
    for (const [rowid, text] of rows) hash.update(`${String(rowid)}:${String(text)}\n`)
    count += rows.length
    if (rows.length < rowsAtOnce) return { table, rows: count, digest: hash.digest('hex') }
    last = rows.at(-1)?.[0] as number | bigint
  }
}

/** What `quote()` gives for the same id as text; other bytes stay what they are. */
function decodedId(column: string): string {
  const part = (from: number, length: number): string => `hex(substr(${column}, ${from}, ${length}))`
  const parts = [part(1, 4), part(5, 2), part(7, 2), part(9, 2), part(11, 6)].join(` || '-' || `)
  return `CASE WHEN typeof(${column}) = 'blob' AND length(${column}) = 16
    THEN quote(lower(${parts})) ELSE quote(${column}) END`
}
