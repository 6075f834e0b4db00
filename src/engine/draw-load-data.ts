import { UsageError } from '../core/errors.ts'
import { streamKey } from '../random/hash.ts'
import { randomSequence } from '../random/sequence.ts'
import type { LoadProfile, LoadRow, LoadTable } from '../scenario/load-profile.ts'
import type { SqlValue } from '../target/connection.ts'
import type { Reader } from '../target/open-reader.ts'
import { sampleUpTo } from './draw-arguments.ts'

/** Rows are asked for in statements of this many, below what an engine allows of bound values. */
const rowsPerStatement = 500

/**
 * Draws the rows of a profile from a database and returns them as the text of its data file: a row a line, the same
 * text for the same rows and seed.
 * @throws UsageError when no row fits, or a column holds bytes; TargetError when a table or column is not there
 */
export async function drawLoadData(
  reader: Pick<Reader, 'query'>,
  profile: LoadProfile,
  seed: number,
): Promise<string> {
  const tables: string[] = []
  for (const [name, table] of Object.entries(profile.data.tables)) {
    const rows = await drawRows(reader, name, table, streamKey(seed, 'load-data', name))
    const lines = rows.map((row) => `    ${JSON.stringify(row)}`)
    tables.push(`  ${JSON.stringify(name)}: [\n${lines.join(',\n')}\n  ]`)
  }
  return `{\n${tables.join(',\n')}\n}\n`
}

async function drawRows(
  reader: Pick<Reader, 'query'>,
  name: string,
  { table, columns, where, rows }: LoadTable,
  key: number,
): Promise<readonly LoadRow[]> {
  const condition = where === undefined ? '' : ` WHERE ${where}`
  const found = await reader.query(`SELECT rowid FROM ${table}${condition} ORDER BY rowid`)
  if (found.rows.length === 0) {
    throw new UsageError(
      'NOTHING_TO_DRAW',
      `data.tables.${name}: no row of ${table}${condition}; seed the database, with a larger --scale`,
    )
  }
  const chosen = sampleUpTo(found.rows.length, rows, randomSequence(key)).map(
    (place) => found.rows[place - 1]?.[0] ?? null,
  )
  const drawn = new Map<SqlValue, LoadRow>()
  for (let first = 0; first < chosen.length; first += rowsPerStatement) {
    const some = chosen.slice(first, first + rowsPerStatement)
    const values = await reader.query(
      `SELECT rowid, ${columns.join(', ')} FROM ${table} WHERE rowid IN (${some.map(() => '?').join(', ')})`,
      some,
    )
    for (const [rowid = null, ...cells] of values.rows) {
      const entries = columns.map((column, index) => [column, jsonValue(cells[index] ?? null, name, column)])
      drawn.set(rowid, Object.fromEntries(entries) as LoadRow)
    }
  }
  return chosen.map((rowid) => drawn.get(rowid)).filter((row) => row !== undefined)
}

function jsonValue(value: SqlValue, table: string, column: string): LoadRow[string] {
  if (typeof value === 'bigint') return Number(value)
  if (value === null || typeof value === 'number' || typeof value === 'string') return value
  throw new UsageError(
    'DATA_IS_BYTES',
    `data.tables.${table}: column ${column} holds bytes, which a request cannot carry; draw from a database with text ids`,
  )
}
