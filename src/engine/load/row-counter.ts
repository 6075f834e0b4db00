import { runInChild } from '../../measure/child-process.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import type { LoadProfile } from '../../scenario/load-profile/load-profile.ts'
import { parseTarget } from '../../target/location.ts'
import { openReader } from '../../target/open-reader.ts'
import { quoteIdentifier } from '../../target/quote-identifier.ts'

/** Rows by table. */
export type RowCounts = Readonly<Record<string, number>>

/** Counts the rows of tables through a connection that is opened for it. */
export type RowCounter = (tables: readonly string[]) => Promise<RowCounts>

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

export interface CountRowsTask {
  /** Absolute path of a database file. */
  readonly path: string
  readonly tables: readonly string[]
}

const entry = new URL(`./row-counter.process${import.meta.url.slice(-3)}`, import.meta.url)

/**
 * Counts rows of tables in a process of its own: the driver lets go of a closed connection at the next garbage
 * collection only, and what another process writes meanwhile a second connection here may read amiss.
 * @throws TargetError
 */
export const countRows = (task: CountRowsTask): Promise<RowCounts> =>
  runInChild<CountRowsTask, RowCounts>(entry, task)

/** Tables that requests of a load add rows to. */
export const createdTables = (
  { requests }: Pick<LoadProfile, 'requests'>,
  isSent: (op: string) => boolean,
): readonly string[] => [
  ...new Set(requests.flatMap(({ id, creates }) => (creates !== undefined && isSent(id) ? [creates] : []))),
]

/** Acknowledged is stored: what was acknowledged as created beside what was found; nothing where it was not counted. */
export const addedRows = (
  acknowledged: RowCounts,
  before: RowCounts | undefined,
  after: RowCounts | undefined,
): LoadRun['reconciliation']['rows'] =>
  before === undefined || after === undefined
    ? []
    : Object.entries(after).map(([table, count]) => ({
        table,
        acknowledged: acknowledged[table] ?? 0,
        found: Math.max(0, count - (before[table] ?? 0)),
      }))
