import Database from 'libsql'
import type { SqlValue } from './connection.ts'

/** The subset of the `libsql` package that we use; its own types describe another package. */
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

export interface NativeDatabase {
  prepare(sql: string): NativeStatement
  exec(sql: string): void
  close(): void
  readonly inTransaction: boolean
}

/** Opens a connection of the embedded engine. `timeoutMs` is SQLite's busy timeout. */
export function openNativeDriver(path: string, timeoutMs: number): NativeDatabase {
  return new Database(path, { timeout: timeoutMs } as never) as unknown as NativeDatabase
}
