/** A value as SQLite stores it. Integers are exact: those beyond 2^53 are bigint, others may be. */
export type SqlValue = null | number | bigint | string | Uint8Array

/** One row: values in the order of the result's columns. */
export type Row = readonly SqlValue[]

export interface Rows {
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

export type TransactionMode = 'read' | 'write'

/**
 * A statement prepared for a timing loop. `run` executes it once to the end and returns the number of rows
 * it produced (reads) or changed (writes). `sync` statements return at once: no promise is in the measured path.
 */
export type TimedStatement =
  | { readonly kind: 'sync'; readonly run: (args: Row) => number }
  | { readonly kind: 'async'; readonly run: (args: Row) => Promise<number> }

/** A transaction prepared for a timing loop: BEGIN, `sql` once per argument tuple, COMMIT; returns rows changed. */
export type TimedTransaction =
  | { readonly kind: 'sync'; readonly run: (argsList: readonly Row[]) => number }
  | { readonly kind: 'async'; readonly run: (argsList: readonly Row[]) => Promise<number> }

/** One line of EXPLAIN QUERY PLAN. */
export interface ExplainRow {
  readonly id: number
  readonly parent: number
  readonly detail: string
}

/** What an engine counted for one execution. */
export interface RowCounts {
  readonly rowsRead: number
  readonly rowsWritten: number
  /** Duration on the server, without the way there and back. */
  readonly serverNs: number
}

/**
 * One connection to a database under test, in the subset of driver features that forgebench uses.
 * Every method rejects with `TargetError` whose `code` is one of `target/error-code.ts`.
 */
export interface Connection {
  /** One statement with bound arguments; all rows. Never use it for EXPLAIN: see `target/explain.ts`. */
  query(sql: string, args?: Row): Promise<Rows>
  /** As `query`, with every integer as bigint, so that 1 and 1.0 are told apart; absent where the driver cannot. */
  queryExact?(sql: string, args: Row): Promise<Rows>
  /** One statement with bound arguments, for its effect. */
  execute(sql: string, args?: Row): Promise<{ readonly rowsChanged: number }>
  /** Several statements without arguments, separated by semicolons. */
  script(sql: string): Promise<void>
  /** Runs `work` between BEGIN and COMMIT; any throw rolls back and is rethrown. */
  transaction<T>(mode: TransactionMode, work: () => Promise<T>): Promise<T>
  /** Prepares `sql` for a timing loop. */
  prepareTimed(sql: string): TimedStatement
  /** Prepares a write transaction of `sql` for a timing loop. */
  prepareTimedTransaction(sql: string): TimedTransaction
  /**
   * EXPLAIN QUERY PLAN by the engine of this connection, with the arguments that the statement will run with; absent where
   * the embedded engine's plans are its own (`target/explain.ts`).
   */
  explain?(sql: string, args: Row): Promise<readonly ExplainRow[]>
  /** Executes a statement once and says what the engine counted; absent where it counts nothing of the kind. */
  countRows?(sql: string, args: Row): Promise<RowCounts>
  /** Resolves when the file holds everything and nobody has it open. */
  close(): void | Promise<void>
}
