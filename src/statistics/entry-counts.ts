import type { TableShape } from './index-shape.ts'
import type { Asked } from './statistics-rows.ts'

/** Rows of a table, or entries of an index, by name. */
export type EntryCounts = ReadonlyMap<string, number>

/**
 * Counts rows of every table and entries of every index from the cells of its pages (`dbstat`), which is exact. It reads
 * every page once; a libSQL server takes a page for a row read (sqld 0.24.32: 64 rows for 32 pages).
 * @throws TargetError
 */
export async function countEntries(database: Asked, tables: readonly TableShape[]): Promise<EntryCounts> {
  const { rows } = await database.query(
    `SELECT name, sum(iif(pagetype = 'leaf', ncell, 0)), sum(iif(pagetype = 'internal', ncell, 0))
     FROM dbstat GROUP BY name`,
  )
  // The interior pages of a table hold row numbers alone, those of an index hold entries.
  const holdsKeysAlone = new Set(tables.filter(({ withoutRowid }) => !withoutRowid).map(({ name }) => name))
  return new Map(
    rows.map(([name, leaf, internal]) => [
      String(name),
      Number(leaf) + (holdsKeysAlone.has(String(name)) ? 0 : Number(internal)),
    ]),
  )
}
