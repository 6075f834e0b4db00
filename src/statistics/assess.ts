import { countEntries, type EntryCounts } from './entry-counts.ts'
import { readTableShapes, type IndexShape, type TableShape } from './index-shape.ts'
import { largestGroups, sampledGroups, sampleRowsRead, type LargestGroup } from './largest-groups.ts'
import { misleadingMeans, type MisleadingMean } from './misleading.ts'
import {
  countHistogramRows,
  readEstimates,
  readStatistics,
  type Asked,
  type StatisticsRow,
} from './statistics-rows.ts'

/** How entries are looked at: none is counted, all are, or a sample gives the largest groups. */
export type Counting = 'none' | 'sampled' | 'exact'

/** What the planner takes an index for, and what it is. */
export interface AssessedIndex {
  readonly shape: IndexShape
  /** Its row in `sqlite_stat1`; undefined where it has none. */
  readonly row: StatisticsRow | undefined
  /** Undefined where nothing was counted. */
  readonly entries: number | undefined
  readonly largest: readonly LargestGroup[]
  readonly misleading: readonly MisleadingMean[]
}

export interface AssessedTable {
  readonly name: string
  /** Rows that the planner takes it to have; undefined where it has only its default. */
  readonly statedRows: number | undefined
  readonly rows: number | undefined
  readonly indexes: readonly AssessedIndex[]
}

/** What the planner of a database knows, against what the database holds. */
export interface Assessment {
  /** `missing`: there is no `sqlite_stat1`; `empty`: it has no rows. The planner then has its defaults alone. */
  readonly state: 'missing' | 'empty' | 'present'
  readonly counting: Counting
  readonly tables: readonly AssessedTable[]
  /** Rows for tables or indexes that are not there. */
  readonly orphans: readonly StatisticsRow[]
  /** Rows of `sqlite_stat4`, which our engine does not read. */
  readonly histogramRows: number
}

/** Rows that counting reads on a server, at most, where pages count as rows (`countEntries`). */
export async function rowsReadToCount(database: Asked): Promise<number> {
  const pages = Number((await database.query('PRAGMA page_count')).rows[0]?.[0] ?? 0)
  const tables = await readTableShapes(database)
  const sampled = tables.filter(({ indexes, withoutRowid }) => indexes.length > 0 && !withoutRowid).length
  return 2 * pages + sampled * sampleRowsRead
}

/** Reads what the planner knows, and counts as told. @throws TargetError */
export async function assess(database: Asked, counting: Counting): Promise<Assessment> {
  const rows = await readStatistics(database)
  const shapes = await readTableShapes(database)
  const entries = counting === 'none' ? undefined : await countEntries(database, shapes)
  const tables: AssessedTable[] = []
  for (const shape of shapes) {
    const groups = entries === undefined ? new Map() : await groupsOf(database, shape, entries, counting)
    tables.push(assessTable(shape, rows ?? [], entries, groups))
  }
  return {
    state: rows === undefined ? 'missing' : rows.length === 0 ? 'empty' : 'present',
    counting,
    tables,
    orphans: orphansOf(rows ?? [], shapes),
    histogramRows: await countHistogramRows(database),
  }
}

async function groupsOf(
  database: Asked,
  shape: TableShape,
  entries: EntryCounts,
  counting: Counting,
): Promise<ReadonlyMap<string, readonly LargestGroup[]>> {
  if (counting === 'sampled') return sampledGroups(database, shape, entries)
  const groups = new Map<string, readonly LargestGroup[]>()
  for (const index of shape.indexes) groups.set(index.name, await largestGroups(database, index))
  return groups
}

function assessTable(
  { name, indexes }: TableShape,
  rows: readonly StatisticsRow[],
  counts: EntryCounts | undefined,
  groups: ReadonlyMap<string, readonly LargestGroup[]>,
): AssessedTable {
  const own = rows.filter(({ table }) => isSame(table, name))
  const assessed = indexes.map((shape): AssessedIndex => {
    const row = own.find(({ index }) => index !== null && isSame(index, shape.name))
    const entries = counts?.get(shape.name)
    const largest = groups.get(shape.name) ?? []
    const misleading = row === undefined ? [] : misleadingMeans(row.stat, entries ?? 0, largest)
    return { shape, row, entries, largest, misleading }
  })
  // A partial index says nothing of the table (analyze.c, `analysisLoader`).
  const whole = assessed.find(({ shape, row }) => shape.predicate === undefined && row !== undefined)?.row
  const stated = whole ?? own.find(({ index }) => index === null)
  return {
    name,
    statedRows: stated === undefined ? undefined : readEstimates(stated.stat).entries,
    rows: counts?.get(name) ?? (counts === undefined ? undefined : 0),
    indexes: assessed,
  }
}

/** Rows that no table or index of this schema has. */
export const orphansOf = (
  rows: readonly StatisticsRow[],
  shapes: readonly TableShape[],
): readonly StatisticsRow[] =>
  rows.filter(({ table, index }) => {
    const owner = shapes.find(({ name }) => isSame(name, table))
    if (owner === undefined) return !table.startsWith('sqlite_')
    return index !== null && !owner.indexes.some(({ name }) => isSame(name, index))
  })

/** As SQLite compares names: letters of ASCII alone have no case. */
export const isSame = (a: string, b: string): boolean => asciiLower(a) === asciiLower(b)

const asciiLower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
