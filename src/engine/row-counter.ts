import { UsageError } from '../core/errors.ts'
import { inspectFile, parseLocation } from '../target/location.ts'
import { openFile } from '../target/open.ts'

/** Counts the rows of tables, by table, through a connection that is opened for it. */
export type RowCounter = (tables: readonly string[]) => Promise<Readonly<Record<string, number>>>

/**
 * Counts rows in the database that an API under load writes to.
 * @param db as in `--db`
 * @throws UsageError when there is no database
 */
export async function rowCounter(db: string): Promise<RowCounter> {
  const { path } = parseLocation(db)
  if ((await inspectFile(path, 'read')) !== 'database') {
    throw new UsageError('DB_MISSING', `--db ${db}: no database there; name the one that the API serves`)
  }
  return async (tables) => {
    const connection = await openFile(path, 'libsql', { readOnly: true })
    try {
      const counts: [string, number][] = []
      for (const table of tables) {
        const { rows } = await connection.query(`SELECT count(*) FROM ${table}`)
        counts.push([table, Number(rows[0]?.[0] ?? 0)])
      }
      return Object.fromEntries(counts)
    } finally {
      connection.close()
    }
  }
}
