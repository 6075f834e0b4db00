import { rowKeyOf } from '../schema/row-key.ts'
import { cellList, readCells } from '../target/cells.ts'
import type { Row, SqlValue } from '../target/connection.ts'
import { quoteIdentifier } from '../target/quote-identifier.ts'
import type { IndexShape, TableShape } from './index-shape.ts'
import type { Asked } from './statistics-rows.ts'

/** The entries of an index that share the values of its first key columns and are the most that do. */
export interface LargestGroup {
  /** Key columns that they share: 1 for the first, 2 for the first two. */
  readonly prefix: number
  /** Of a sample: its share of the sample, of all entries. */
  readonly rows: number
  /** Of the shared columns; long texts are cut. */
  readonly values: Row
  /** Rows of the sample that the share is of; null where all entries were counted. */
  readonly sampledRows: number | null
}

/** The part of all entries from which on a group can mislead. */
export const notableShare = 0.25

/** Characters of a value that are read. */
const shownLength = 60
const shownValue = (sql: string): string =>
  `CASE WHEN typeof(${sql}) IN ('text', 'blob') THEN substr(${sql}, 1, ${shownLength}) ELSE ${sql} END`

/**
 * The largest group of each prefix of an index, counted; prefixes beyond the first whose largest group is too small to
 * mislead are left out. Reads the index once for each.
 * @throws TargetError
 */
export async function largestGroups(
  database: Asked,
  { table, keys, predicate }: IndexShape,
): Promise<readonly LargestGroup[]> {
  const from = `FROM ${quoteIdentifier(table)}${predicate === undefined ? '' : ` WHERE (${predicate}\n)`}`
  const groups: LargestGroup[] = []
  for (let prefix = 1; prefix <= keys.length; prefix += 1) {
    const shared = keys.slice(0, prefix).map(({ sql }) => sql)
    const names = shared.map((_, index) => `v${index}`)
    const values = shared.map((sql, index) => `${sql} AS v${index}`)
    const { rows } = await database.query(
      `SELECT n, entries, ${cellList(names.map(shownValue))} FROM (
         SELECT count(*) AS n, sum(count(*)) OVER () AS entries, ${values.join(', ')} ${from}
         GROUP BY ${shared.join(', ')} ORDER BY n DESC LIMIT 1)`,
    )
    const [first] = rows
    if (first === undefined) return groups
    const [n, total, ...cells] = first
    groups.push({ prefix, rows: Number(n), values: readCells(cells), sampledRows: null })
    if (Number(n) < Number(total) * notableShare) return groups
  }
  return groups
}

/** Rows that a sample is drawn from at. */
const samplePositions = 1000

/** Fewer rows of a sample that are alike may be so by chance, unless the sample is everything. */
const fewestAlike = 20

/** Rows read, at most, for the sample of a table: a position, the row number found there, and the row. */
export const sampleRowsRead = 3 * samplePositions + 2

/** Groups of a sample by index. */
export type SampledGroups = ReadonlyMap<string, readonly LargestGroup[]>

/**
 * The largest groups of all indexes of a table, estimated from the rows at evenly spaced row numbers; empty for a table
 * without row numbers, and for one that is empty. Values that a collation takes for equal are told apart here.
 * @param entries of every index, to scale by
 * @throws TargetError
 */
export async function sampledGroups(
  database: Asked,
  { name, indexes }: TableShape,
  entries: ReadonlyMap<string, number>,
): Promise<SampledGroups> {
  const found = new Map<string, readonly LargestGroup[]>()
  const key = indexes.length === 0 ? undefined : await rowKeyOf(database, name)
  if (key?.kind !== 'rowid') return found
  const [rowid = ''] = key.columns
  const table = quoteIdentifier(name)
  // Two statements' worth: of both in one the engine would read the whole table.
  const ends = `SELECT (SELECT min(${rowid}) FROM ${table}), (SELECT max(${rowid}) FROM ${table})`
  const range = await database.query(ends)
  const positions = evenly(range.rows[0]?.[0] ?? null, range.rows[0]?.[1] ?? null)
  if (positions.length === 0) return found
  const cells = indexes.flatMap(({ keys, predicate }) => [
    ...keys.map(({ sql }) => shownValue(sql)),
    predicate === undefined ? '1' : `(${predicate}\n) IS TRUE`,
  ])
  const { rows } = await database.query(
    `SELECT ${cellList(cells)} FROM ${table} WHERE ${rowid} IN (
       SELECT (SELECT ${rowid} FROM ${table} WHERE ${rowid} >= place.value ORDER BY ${rowid} LIMIT 1)
       FROM json_each(?) AS place)`,
    [JSON.stringify(positions)],
  )
  const sample = rows.map(readCells)
  let column = 0
  for (const { name: index, keys } of indexes) {
    const [first, holds] = [column, column + keys.length]
    column = holds + 1
    const keyRows = sample.filter((row) => row[holds] === 1).map((row) => row.slice(first, holds))
    found.set(index, groupsOfSample(keyRows, keys.length, entries.get(index) ?? 0))
  }
  return found
}

/** Row numbers from the first to the last, evenly spaced, each once. They may lie beyond 2^53. */
function evenly(first: SqlValue, last: SqlValue): readonly number[] {
  if (first === null || last === null) return []
  const [low, high] = [Number(first), Number(last)]
  const count = Math.min(samplePositions, high - low + 1)
  const step = count === 1 ? 0 : (high - low) / (count - 1)
  return [...new Set(Array.from({ length: count }, (_, index) => Math.floor(low + index * step)))]
}

function groupsOfSample(keyRows: readonly Row[], columns: number, entries: number): readonly LargestGroup[] {
  if (keyRows.length === 0) return []
  const groups: LargestGroup[] = []
  for (let prefix = 1; prefix <= columns; prefix += 1) {
    const counts = new Map<string, { rows: number; readonly values: Row }>()
    for (const row of keyRows) {
      const values = row.slice(0, prefix)
      const known = counts.get(identity(values))
      if (known === undefined) counts.set(identity(values), { rows: 1, values })
      else known.rows += 1
    }
    const largest = [...counts.values()].reduce((a, b) => (b.rows > a.rows ? b : a))
    if (largest.rows < fewestAlike && keyRows.length < entries) return groups
    const rows = Math.round((largest.rows / keyRows.length) * entries)
    groups.push({ prefix, rows, values: largest.values, sampledRows: keyRows.length })
  }
  return groups
}

const identity = (values: Row): string =>
  JSON.stringify(
    values.map((value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : [typeof value, String(value)],
    ),
  )
