import { parseTarget } from '../../target/location.ts'
import { openReader } from '../../target/open-reader.ts'
import { quoteIdentifier } from '../../target/quote-identifier.ts'
import { countRows } from './count-rows.ts'

/** Counts the rows of tables, by table, through a connection that is opened for it. */
export type RowCounter = (tables: readonly string[]) => Promise<Readonly<Record<string, number>>>

/**
 * Counts rows in the database that an API under load writes to; `db` as in `--db`. The first count of a file is made
 * here, later ones in processes of their own: see `countRows`. Throws as `openReader`.
 */
export function rowCounter(db: string, authToken: string | undefined): RowCounter {
  let isFirst = true
  return async (tables) => {
    const location = parseTarget(db)
    if (!isFirst && location.kind === 'file') return countRows({ path: location.path, tables })
    isFirst = false
    const reader = await openReader(db, authToken)
    try {
      const counts: [string, number][] = []
      for (const table of tables) {
        const { rows } = await reader.query(`SELECT count(*) FROM ${quoteIdentifier(table)}`)
        counts.push([table, Number(rows[0]?.[0] ?? 0)])
      }
      return Object.fromEntries(counts)
    } finally {
      reader.close()
    }
  }
}
