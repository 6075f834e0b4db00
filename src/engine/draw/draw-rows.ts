import type { RowKey } from '../../schema/row-key.ts'
import { sqlTokens } from '../../schema/sql/sql-tokens.ts'
import type { Row } from '../../target/connection.ts'
import { quoteIdentifier } from '../../target/quote-identifier.ts'
import { cellList, readCells } from '../../target/cells.ts'
import type { AskedDatabase } from './draw-keys.ts'

/** Below what a statement may bind, and what an answer may hold. */
const rowsAtOnce = 500

/** The columns of the rows with these keys, in their order; undefined for a row that is not there. */
export async function rowsByKey(
  database: AskedDatabase,
  { table, columns }: { readonly table: string; readonly columns: readonly string[] },
  key: RowKey,
  wanted: readonly Row[],
): Promise<readonly (Row | undefined)[]> {
  const names = key.columns.map((_, index) => `k${index}`)
  const matches = key.columns.map((column, index) => `drawn.${column} = wanted.${names[index]}`)
  const cells = cellList(columns.map((column) => `drawn.${quoteIdentifier(column)}`))
  const found = new Map<number, Row>()
  for (let first = 0; first < wanted.length; first += rowsAtOnce) {
    const some = wanted.slice(first, first + rowsAtOnce)
    const tuples = some.map((row, index) => `(${first + index}${', ?'.repeat(row.length)})`)
    const { rows } = await database.query(
      `WITH wanted(n, ${names.join(', ')}) AS (VALUES ${tuples.join(', ')})
SELECT wanted.n, ${cells} FROM wanted CROSS JOIN ${quoteIdentifier(table)} AS drawn ON ${matches.join(' AND ')}`,
      some.flat(),
    )
    for (const [place, ...row] of rows) found.set(Number(place), readCells(row))
  }
  return wanted.map((_, index) => found.get(index))
}

/** A query as others may select from it. */
export function asSubquery(sql: string): string {
  const statement = [...sqlTokens(sql)].flatMap(({ kind, text }) => (kind === 'semicolon' ? [] : [text]))
  // A line of its own, for the query may end in a comment.
  return `(${statement.join('')}\n)`
}

/** Rows of a query without a key, numbered in the order of their values. */
export interface NumberedRows {
  readonly count: number
  /** Rows at places from 1 on, in the order of `places`. */
  readonly at: (places: readonly number[]) => Promise<readonly Row[]>
}

/** @param sql a SELECT without arguments */
export async function numberRows(database: AskedDatabase, sql: string): Promise<NumberedRows> {
  const source = asSubquery(sql)
  const { columns } = await database.query(`SELECT * FROM ${source} LIMIT 0`)
  const { rows } = await database.query(`SELECT count(*) FROM ${source}`)
  const quoted = columns.map(quoteIdentifier)
  const place = quoteIdentifier('forgebench place')
  const numbered = `SELECT row_number() OVER (ORDER BY ${quoted.join(', ')}) AS ${place}, * FROM ${source}`
  return {
    count: Number(rows[0]?.[0]),
    at: async (places) => {
      const found = new Map<number, Row>()
      for (const [at, ...row] of (
        await database.query(
          `SELECT ${place}, ${cellList(quoted)} FROM (${numbered}) WHERE ${place} IN (SELECT value FROM json_each(?))`,
          [JSON.stringify(places)],
        )
      ).rows) {
        found.set(Number(at), readCells(row))
      }
      return places.map((at) => found.get(at) ?? [])
    },
  }
}
