import { UsageError } from '../core/errors.ts'
import { randomSequence } from '../random/sequence.ts'
import type { Draw } from '../scenario/scenario.ts'
import type { Row, Rows, SqlValue } from '../target/connection.ts'
import { sampleUpTo } from './draw-arguments.ts'

/** A database that is asked over the network. */
export interface AskedDatabase {
  query(sql: string, args?: Row): Promise<Rows>
}

/** Below what an answer and a statement may hold. */
const rowidsAtOnce = 20_000
const rowsAtOnce = 500

/**
 * As `drawRowids`, from a server: numbers of rows in random order, read in pages where they have gaps.
 * @throws UsageError when no row fits; TargetError when the server cannot be asked
 */
export async function drawRemoteRowids(
  database: AskedDatabase,
  draw: Draw,
  count: number,
  key: number,
): Promise<readonly SqlValue[]> {
  const random = randomSequence(key)
  const rowids = await allRowids(database, draw)
  const rows = typeof rowids === 'number' ? rowids : rowids.length
  if (rows === 0) {
    const condition = draw.where === undefined ? '' : ` WHERE ${draw.where}`
    throw new UsageError('NOTHING_TO_DRAW', `no row of ${draw.table}${condition} on the server`)
  }
  return sampleUpTo(rows, count, random).map((place) =>
    typeof rowids === 'number' ? place : (rowids[place - 1] ?? null),
  )
}

/** How many there are when they are numbered without a gap, else every number. */
async function allRowids(database: AskedDatabase, draw: Draw): Promise<number | readonly SqlValue[]> {
  if (draw.where === undefined) {
    const { rows } = await database.query(`SELECT count(*), max(rowid) FROM ${draw.table}`)
    const [count = 0, last] = (rows[0] ?? []).map(Number)
    if (count === 0 || count === last) return count
  }
  const condition = draw.where === undefined ? '' : ` AND (${draw.where})`
  const page = `SELECT rowid FROM ${draw.table} WHERE rowid > ?${condition} ORDER BY rowid LIMIT ${rowidsAtOnce}`
  const rowids: SqlValue[] = []
  for (;;) {
    const { rows } = await database.query(page, [rowids.at(-1) ?? Number.MIN_SAFE_INTEGER])
    for (const [rowid = null] of rows) rowids.push(rowid)
    if (rows.length < rowidsAtOnce) return rowids
  }
}

/** The columns that a draw names, of the rows with these numbers, in their order. */
export async function drawnRows(
  database: AskedDatabase,
  draw: Draw,
  rowids: readonly SqlValue[],
): Promise<readonly Row[]> {
  const found = new Map<string, Row>()
  for (let first = 0; first < rowids.length; first += rowsAtOnce) {
    const some = rowids.slice(first, first + rowsAtOnce)
    const { rows } = await database.query(
      `SELECT rowid, ${draw.columns.join(', ')} FROM ${draw.table} WHERE rowid IN (${some.map(() => '?').join(', ')})`,
      some,
    )
    for (const [rowid, ...row] of rows) found.set(String(rowid), row)
  }
  return rowids.map((rowid) => found.get(String(rowid))).filter((row) => row !== undefined)
}
