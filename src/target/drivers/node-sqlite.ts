import type { SqlValue } from '../connection.ts'
import type { Driver } from '../driver.ts'
import { ExplainingConnection } from '../explain.ts'
import type { NativeDatabase, NativeStatement, OpenNative } from '../native-database.ts'
import { UsageError } from '../../core/errors.ts'
import { sqliteVersion } from '../versions.ts'

/** SQLite as it comes with Node. */
export const driver: Driver = {
  usesEmbeddedLibsql: false,
  lacks: ['VM steps and the other counters of statements'],
  open: async (path, options) => new ExplainingConnection(path, options, await opener()),
  versions: async () => ({
    version: process.versions.node,
    sqlite: sqliteVersion(new ExplainingConnection(':memory:', {}, await opener())),
  }),
}

/** A statement of `node:sqlite`; rows come as arrays since Node 22.16. */
interface Statement {
  setReturnArrays?(on: boolean): void
  setReadBigInts(on: boolean): void
  columns(): readonly { readonly name: string }[]
  run(...args: readonly SqlValue[]): { readonly changes: number | bigint }
  get(...args: readonly SqlValue[]): unknown
  all(...args: readonly SqlValue[]): SqlValue[][]
}

interface DatabaseSync {
  prepare(sql: string): Statement
  exec(sql: string): void
  close(): void
  readonly isTransaction: boolean
}

type Constructor = new (
  path: string,
  options: { readonly readOnly: boolean; readonly timeout: number },
) => DatabaseSync

async function opener(): Promise<OpenNative> {
  // By a name that is not known here: Node 20 has no such module.
  const name = 'node:sqlite'
  const found = (await import(name).catch(() => undefined)) as
    | { readonly DatabaseSync: Constructor; readonly StatementSync: { readonly prototype: Statement } }
    | undefined
  if (found?.StatementSync.prototype.setReturnArrays === undefined) {
    throw new UsageError(
      'DRIVER_MISSING',
      `the driver node:sqlite needs Node 22.16 or newer, and this is ${process.versions.node}; run forgebench with a newer Node`,
    )
  }
  const { DatabaseSync } = found
  return (path, { busyTimeoutMs, readOnly }) =>
    asNative(new DatabaseSync(path, { readOnly, timeout: busyTimeoutMs }))
}

/** The interface of the other synchronous drivers. */
const asNative = (database: DatabaseSync): NativeDatabase => ({
  prepare: (sql) => asNativeStatement(database.prepare(sql)),
  exec: (sql) => database.exec(sql),
  close: () => database.close(),
  get inTransaction() {
    return database.isTransaction
  },
})

function asNativeStatement(statement: Statement): NativeStatement {
  const reader = statement.columns().length > 0
  const native: NativeStatement = {
    reader,
    raw: (on) => (statement.setReturnArrays?.(on), native),
    safeIntegers: (on) => (statement.setReadBigInts(on), native),
    columns: () => statement.columns(),
    run: (args) => ({ changes: Number(statement.run(...args).changes) }),
    get: (args) => statement.get(...args),
    all: (args) => statement.all(...args),
  }
  return native
}
