import { UsageError } from '../../core/errors.ts'
import { randomSequence, streamKey } from '../../random/random.ts'
import type { LoadProfile, LoadRow, LoadTable } from '../../scenario/load-profile/load-profile.ts'
import type { TableDraw } from '../../scenario/scenario.ts'
import type { Row, SqlValue } from '../../target/connection.ts'
import type { Reader } from '../../target/open-reader.ts'
import { sampleUpTo, tableQuery } from '../draw/draw-arguments.ts'
import { allKeys, keyAt, rowKey } from '../draw/draw-keys.ts'
import { numberRows, rowsByKey } from '../draw/draw-rows.ts'
import { namingOperation } from '../../measure/operation-error.ts'

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
  const wanted = Object.entries(profile.data?.tables ?? {})
  if (wanted.length === 0) return '{}\n'
  const tables: string[] = []
  for (const [name, table] of wanted) {
    const key = streamKey(seed, 'load-data', name)
    const rows = await namingOperation(`data.tables.${name}`, () => drawRows(reader, table, key))
    const lines = rows.map((row) => `    ${JSON.stringify(row)}`)
    tables.push(`  ${JSON.stringify(name)}: [\n${lines.join(',\n')}\n  ]`)
  }
  return `{\n${tables.join(',\n')}\n}\n`
}

async function drawRows(
  reader: Pick<Reader, 'query'>,
  { table, columns, where, rows }: LoadTable,
  key: number,
): Promise<readonly LoadRow[]> {
  const draw = { table, columns, ...(where === undefined ? {} : { where }) }
  const random = randomSequence(key)
  const rowKeyOfTable = await rowKey([reader], table)
  if (rowKeyOfTable === undefined) {
    const numbered = await numberRows(reader, tableQuery(draw))
    return asLoadRows(await numbered.at(sampleUpTo(numbered.count, rows, random)), draw)
  }
  const keys = await allKeys(reader, draw, rowKeyOfTable)
  const count = typeof keys === 'number' ? keys : keys.length
  const chosen = sampleUpTo(count, rows, random).map((place) => keyAt(keys, place))
  const found = await rowsByKey(reader, draw, rowKeyOfTable, chosen)
  // What went away since its key was read is no row any more.
  return asLoadRows(
    found.filter((row) => row !== undefined),
    draw,
  )
}

function asLoadRows(rows: readonly Row[], { table, columns, where }: TableDraw): readonly LoadRow[] {
  if (rows.length === 0) {
    const condition = where === undefined ? '' : ` WHERE ${where}`
    throw new UsageError(
      'NOTHING_TO_DRAW',
      `no row of ${table}${condition}; seed the database, with a larger --scale`,
    )
  }
  return rows.map((row) =>
    Object.fromEntries(columns.map((column, index) => [column, jsonValue(row[index] ?? null, column)])),
  )
}

function jsonValue(value: SqlValue, column: string): LoadRow[string] {
  // JSON readers round whole numbers above 2^53: as text they keep their digits.
  if (typeof value === 'bigint') return String(value)
  if (value === null || typeof value === 'number' || typeof value === 'string') return value
  throw new UsageError(
    'DATA_IS_BYTES',
    `column ${column} holds bytes, or text that is not UTF-8, which a request cannot carry; draw from a database with text ids, or leave such rows out with where`,
  )
}
