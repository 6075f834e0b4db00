import type { Row } from '../target/connection.ts'

/** One statement with its arguments. */
export interface Statement {
  readonly sql: string
  readonly args: Row
}

/** What a statement of a write did: rows changed, and the first row that it returned. */
export interface Effect {
  readonly rowsChanged: number
  readonly row: Row | undefined
}

/**
 * The database as the API sees it. Every read is one statement that gives one row, because SQLite builds the JSON.
 * Both reject (or throw) with `TargetError`.
 */
export interface ApiStore {
  /** The first row of a query, or undefined. At once where the engine is in this process. */
  readRow(sql: string, args: Row): Row | undefined | Promise<Row | undefined>
  /**
   * Runs statements as one atomic unit: all of them or none. Resolves after COMMIT, never before, so that a caller
   * may acknowledge what it gets.
   */
  write(unit: readonly Statement[]): Promise<readonly Effect[]>
  /** Facts about the engine for `/health`. */
  describe(): Promise<Readonly<Record<string, string>>>
  /** Waits for writes under way, then lets go of the database. */
  close(): Promise<void>
}
