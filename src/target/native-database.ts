import type { SqlValue } from './connection.ts'

/** A prepared statement as the synchronous drivers have it; the subset that we use. */
export interface NativeStatement {
  raw(on: boolean): NativeStatement
  /** Integers as bigint, exactly; without it those above 2^53 are rounded. */
  safeIntegers(on: boolean): NativeStatement
  run(args: readonly SqlValue[]): { readonly changes: number }
  get(args: readonly SqlValue[]): unknown
  all(args: readonly SqlValue[]): SqlValue[][]
  columns(): readonly { readonly name: string }[]
  readonly reader: boolean
}

/** A database as the synchronous drivers have it. */
export interface NativeDatabase {
  prepare(sql: string): NativeStatement
  exec(sql: string): void
  close(): void
  readonly inTransaction: boolean
}

/** Opens a file with a driver of its own; what it throws is mapped by its SQLite result code. */
export type OpenNative = (
  path: string,
  options: { readonly busyTimeoutMs: number; readonly readOnly: boolean },
) => NativeDatabase
