/** A value as SQLite stores it. Integers are exact: those beyond 2^53 are bigint, others may be. */
export type SqlValue = null | number | bigint | string | Uint8Array

/** One row: values in the order of the result's columns. */
export type Row = readonly SqlValue[]

export interface Rows {
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

/** The drivers a number can come from; printed beside every number. */
export type DriverName = 'libsql' | '@libsql/client'

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

/**
 * One connection to a database under test, in the subset of driver features that forgebench uses.
 * Every method rejects with `TargetError` whose `code` is one of `target/error-code.ts`.
 */
export interface Connection {
  readonly driver: DriverName
  /** One statement with bound arguments; all rows. Never use it for EXPLAIN: see `target/explain.ts`. */
  query(sql: string, args?: Row): Promise<Rows>
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
  close(): void
}
