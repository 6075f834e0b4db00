import { createHash } from 'node:crypto'
import { UsageError } from '../core/errors.ts'
import type { Connection, Row } from '../target/connection.ts'
import { quoteIdentifier } from '../target/quote-identifier.ts'
import { rowKeyOf } from './row-key.ts'
import { readSchemaObjects } from './schema-objects.ts'

/** The rows of one table, in the order of their row numbers, or of their primary key where they have none. */
export interface TableRows {
  readonly table: string
  readonly rows: number
  /** sha256 over rowid where there is one, type and value of every column. */
  readonly digest: string
}

export interface DigestOptions {
  /**
   * `exact` tells 1 from 1.0 and text from bytes; `decoded` reads columns of type BLOB(16) as UUID text, so that
   * the same rows with text ids and with binary ids are alike.
   */
  readonly ids: 'exact' | 'decoded'
  /** Rows of a query, for what has to fit into an answer; the digest stays the same. */
  readonly rowsAtOnce?: number
}

/** Digests of all rows of all tables of the schema under test, by table name. */
export async function digestRows(
  connection: Pick<Connection, 'query'>,
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
  connection: Pick<Connection, 'query'>,
  table: string,
  options: DigestOptions,
): Promise<TableRows> {
  const hash = createHash('sha256')
  let rows = 0
  for await (const row of tableRows(connection, table, { ...options, rowids: true })) {
    hash.update(row).update('\n')
    rows += 1
  }
  return { table, rows, digest: hash.digest('hex') }
}

export interface RowTextOptions extends DigestOptions {
  /** Whether rows begin with their number. */
  readonly rowids: boolean
  /** Names of the columns in lower case; default: all. */
  readonly columns?: ReadonlySet<string>
}

/** Every row of a table as bytes that tell type and value of its columns, in the order of its key. */
export async function* tableRows(
  connection: Pick<Connection, 'query'>,
  table: string,
  { ids, rowsAtOnce = 1000, rowids, columns: wanted }: RowTextOptions,
): AsyncGenerator<Uint8Array> {
  const columns = await connection.query('SELECT name, type FROM pragma_table_info(?) ORDER BY name', [table])
  const values = columns.rows
    .filter(([name]) => wanted?.has(String(name).toLowerCase()) ?? true)
    .map(([name, type]) => {
      const quoted = quoteIdentifier(String(name))
      return ids === 'decoded' && type === 'BLOB(16)' ? decodedId(quoted) : `quote(${quoted})`
    })
  const key = await rowKeyOf(connection, table)
  if (key === undefined) throw new UsageError('TABLE_WITHOUT_KEY', `table ${table}: ${noKey}`)
  const shown = rowids && key.kind === 'rowid' ? [...key.columns, ...values] : values
  // As bytes, for the driver ends the process where a text is not UTF-8.
  const row = `CAST(${shown.join(` || ',' || `)} AS BLOB)`
  const order = key.columns.join(', ')
  const select = `SELECT ${[row, ...key.columns.flatMap(cellOf)].join(', ')} FROM ${quoteIdentifier(table)}`
  const after = ` WHERE (${order}) > (${key.columns.map(boundCell).join(', ')})`
  const page = (condition: string): string => `${select}${condition} ORDER BY ${order} LIMIT ${rowsAtOnce}`
  let last: Row = []
  for (;;) {
    const { rows } = await connection.query(page(last.length === 0 ? '' : after), last)
    for (const [bytes] of rows) yield bytes as Uint8Array
    if (rows.length < rowsAtOnce) return
    last = rows.at(-1)!.slice(1)
  }
}

const noKey = 'it hides its row numbers behind columns called rowid, _rowid_ and oid, and has no primary key'

/** A value of a key as it can be read and bound again, with its type: a text as its bytes. */
const cellOf = (column: string): readonly string[] => [
  `typeof(${column})`,
  `CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) ELSE ${column} END`,
]
const boundCell = (_: string, index: number): string =>
  `iif(?${2 * index + 1} = 'text', CAST(?${2 * index + 2} AS TEXT), ?${2 * index + 2})`

/** What `quote()` gives for the same id as text; other bytes stay what they are. */
function decodedId(column: string): string {
  const part = (from: number, length: number): string => `hex(substr(${column}, ${from}, ${length}))`
  const parts = [part(1, 4), part(5, 2), part(7, 2), part(9, 2), part(11, 6)].join(` || '-' || `)
  return `CASE WHEN typeof(${column}) = 'blob' AND length(${column}) = 16
    THEN quote(lower(${parts})) ELSE quote(${column}) END`
}
