import type { Row } from '../../../target/connection.ts'

/** One statement with its arguments; `returns` where it gives a row (RETURNING, or a SELECT within a write). */
export interface Statement {
  readonly sql: string
  readonly args: Row
  readonly returns?: true
}

/** What a statement of a write did: rows changed (0 where it returns a row), and the first row that it returned. */
export interface Effect {
  readonly rowsChanged: number
  readonly row: Row | undefined
}

/** How JSON leaves the engine: bytes are spared the way through a JavaScript string, but travel badly over a network. */
export type JsonForm = 'bytes' | 'text'

/**
 * The database as the API sees it. A read is one statement that gives one row, because SQLite builds the JSON.
 * Both reject (or throw) with `TargetError`.
 */
export interface ApiStore {
  readonly jsonForm: JsonForm
  /** The first row of a query, or undefined. */
  readRow(statement: Statement): Promise<Row | undefined>
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
