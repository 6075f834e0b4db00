import type { Connection } from './connection.ts'
import type { OpenOptions } from './embedded-database.ts'

/** Versions that a number through a driver depends on. */
export interface DriverVersions {
  /** Of the package, of Node where the driver is a part of it, or of the server. */
  readonly version: string
  /** What its engine gives for `sqlite_version()`: SQLite inside it, or the SQLite that it follows. */
  readonly sqlite: string
  /** Requests under way at once, where a server is asked. */
  readonly concurrency?: number
}

/** A way to a database file that numbers can come from: one file in `drivers/` and one line in `drivers.ts`. */
export interface Driver {
  /**
   * True where its engine is the `libsql` package: plans, counters and the database file are then those of `libsql`. Any
   * other engine plans and counts itself, as far as its connection has `explain` and `countRows`.
   */
  readonly usesEmbeddedLibsql: boolean
  /** What its engine does not offer of what is measured, in words for a report. */
  readonly lacks: readonly string[]
  /** One connection to a file. @throws TargetError with a stable code; RangeError for an empty path */
  open(path: string, options: OpenOptions): Promise<Connection>
  /** Asks what is really loaded. */
  versions(): Promise<DriverVersions>
}
