import type { DriverName } from '../../target/drivers.ts'
import type { Tuple } from '../value.ts'

/** What `measure` of a sweep works with: everything that it needs of the world comes through here. */
export interface SweepContext {
  /** Seconds that a stretch of load is meant to take. */
  readonly seconds: number
  /** The round, from 1. */
  readonly round: number
  /** Uniform in [0, 1), seeded: every point of a round is given the same sequence. */
  readonly random: () => number
  /** A fresh UUID as text, seeded: other ones for every point and round. */
  readonly newId: () => string
  /** Milliseconds of a monotonic clock. */
  readonly nowMs: () => number
  readonly sleep: (ms: number) => Promise<void>
  /** Rows of the data, read from the database that everything here is a copy of. */
  readonly rows: (sql: string) => Promise<readonly Tuple[]>
  /** A connection to a copy of the data. It is closed after the point. */
  readonly target: (options: SweepTargetOptions) => Promise<SweepTarget>
  /** One connection of a driver to a copy of the data. It is closed after the point. */
  readonly connect: (options: SweepConnectionOptions) => Promise<SweepStatements>
  /** Workers that each call again and again, without a pause: see `ClosedLoop`. */
  readonly closedLoop: (options: ClosedLoopOptions) => Promise<ClosedLoop>
}

/** Through what the data is reached. */
export interface SweepTargetOptions {
  /**
   * `file`: embedded libSQL. `sqld`, `sqld-ws`: a libSQL server over HTTP, over WebSocket. `replica`: an embedded replica
   * of such a server, which has been synchronised once.
   */
  readonly kind: 'file' | 'sqld' | 'sqld-ws' | 'replica'
  /** Added to every round trip to the server, half on each way; 0 by default. */
  readonly roundTripMs?: number
  /** Requests under way at once; the client queues the rest. 64 by default. */
  readonly concurrency?: number
  /** Milliseconds after which a call without an answer fails as `TARGET_TIMEOUT`; 10,000 by default. */
  readonly timeoutMs?: number
  /** Name of the server or file; targets of one name share it. `main` by default. */
  readonly on?: string
}

/** A connection of one driver, which the writers of one process do not share. */
export interface SweepConnectionOptions {
  /** As a variant of a scenario names it. */
  readonly driver: DriverName
  /** Run when it is opened, such as `PRAGMA synchronous = NORMAL`. */
  readonly pragmas?: readonly string[]
  /** Name of the file; connections of one name share it. `main` by default. */
  readonly on?: string
}

/** What statements can be sent to. */
export interface SweepStatements {
  /** One statement; all rows. */
  readonly query: (sql: string, args?: Tuple) => Promise<readonly Tuple[]>
  /** One statement, for its effect; returns the rows changed. */
  readonly execute: (sql: string, args?: Tuple) => Promise<number>
}

export interface SweepTarget extends SweepStatements {
  /** Statements in one transaction and one round trip; returns the rows that each changed. */
  readonly batch: (
    statements: readonly { readonly sql: string; readonly args?: Tuple }[],
  ) => Promise<readonly number[]>
  /** An interactive write transaction: a round trip a statement. A throw rolls back. */
  readonly transaction: <T>(work: (statements: SweepStatements) => Promise<T>) => Promise<T>
  /** Of a replica: fetches what the server has; returns the frames that it fetched. */
  readonly sync: () => Promise<number>
  /** Cuts every connection on the way to the server; what is sent next makes new ones. Of a file it does nothing. */
  readonly cut: () => void
  /** Of a server: ends it (`kill -9`) and starts it again with its data. */
  readonly restart: () => Promise<void>
}

export interface ClosedLoopOptions {
  readonly workers: number
  /** Seconds after which no call begins; those of the context by default. */
  readonly seconds?: number
  /** In place of seconds: calls of all workers together, every one of which counts. */
  readonly calls?: number
  /** What is called; a `TargetError`, as targets throw it, counts as a failure by its code. */
  readonly call: (worker: number, index: number) => Promise<unknown>
}

/**
 * What workers got done. Of a loop of so many seconds the first fifth is warm-up, and what ends after the last second is
 * not counted.
 */
export interface ClosedLoop {
  readonly succeeded: number
  readonly failed: number
  /** Failed calls by the code of their error, such as `TARGET_OVERLOADED`. */
  readonly failures: Readonly<Record<string, number>>
  /** Calls that succeeded, a second. */
  readonly perSecond: number
  /** Of calls that succeeded; null with fewer than 5 of them. */
  readonly p50Ms: number | null
  /** Of calls that succeeded; null with fewer than 100 of them. */
  readonly p95Ms: number | null
}
