import { isSame } from './assess.ts'
import type { TableShape } from './index-shape.ts'
import type { FiledRow } from './statistics-file.ts'
import { readEstimates, type StatisticsRow } from './statistics-rows.ts'

/** Rows for a database from rows of another, or of an earlier time. */
export interface MergedRows {
  readonly rows: readonly StatisticsRow[]
  /** Why a row of the source has no place in the database, one line each. */
  readonly dropped: readonly string[]
  /** Rows of the database that the source says nothing of; they stay. */
  readonly kept: readonly StatisticsRow[]
}

/**
 * The rows of a source that fit a database, and those of the database that the source says nothing of.
 * @param tables of the database
 * @param before its rows
 */
export function mergeRows(
  source: readonly FiledRow[],
  tables: readonly TableShape[],
  before: readonly StatisticsRow[],
): MergedRows {
  const dropped: string[] = []
  const rows = source.flatMap((row): readonly StatisticsRow[] => {
    const why = misfit(row, tables)
    if (why === undefined) return [{ table: row.table, index: row.index, stat: row.stat }]
    dropped.push(`${row.index ?? row.table}: ${why}`)
    return []
  })
  const kept = before.filter(
    (old) => misfit(old, tables) === undefined && !rows.some((row) => isOfSame(row, old)),
  )
  return { rows: [...rows, ...kept], dropped, kept }
}

/** Whether both rows say something of one index, or of one table. */
export const isOfSame = (a: StatisticsRow, b: StatisticsRow): boolean =>
  isSame(a.table, b.table) &&
  (a.index === null || b.index === null ? a.index === b.index : isSame(a.index, b.index))

function misfit({ table, index, stat, keys }: FiledRow, tables: readonly TableShape[]): string | undefined {
  const owner = tables.find(({ name }) => isSame(name, table))
  if (owner === undefined) return `the database has no table ${table}`
  if (index === null) return undefined
  const shape = owner.indexes.find(({ name }) => isSame(name, index))
  if (shape === undefined) return `the database has no such index on ${table}`
  const labels = shape.keys.map(({ label }) => label)
  const isOther = keys !== undefined && JSON.stringify(keys) !== JSON.stringify(labels)
  if (isOther || readEstimates(stat).rowsPerKey.length > labels.length) {
    return `the index of the database has other columns (${labels.join(', ')})`
  }
  return undefined
}
