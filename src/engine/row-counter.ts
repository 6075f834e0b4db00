import { openReader } from '../target/open-reader.ts'

/** Counts the rows of tables, by table, through a connection that is opened for it. */
export type RowCounter = (tables: readonly string[]) => Promise<Readonly<Record<string, number>>>

/** Counts rows in the database that an API under load writes to; `db` as in `--db`. Throws as `openReader`. */
export const rowCounter =
  (db: string, authToken: string | undefined): RowCounter =>
  async (tables) => {
    const reader = await openReader(db, authToken)
    try {
      const counts: [string, number][] = []
      for (const table of tables) {
        const { rows } = await reader.query(`SELECT count(*) FROM ${table}`)
        counts.push([table, Number(rows[0]?.[0] ?? 0)])
      }
      return Object.fromEntries(counts)
    } finally {
      reader.close()
    }
  }
