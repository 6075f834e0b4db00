import { createRequire } from 'node:module'
import { NativeConnection } from './native.ts'

/** Versions that a number depends on. */
export interface EngineVersions {
  /** SQLite inside the engine, such as `3.45.1`. */
  readonly sqlite: string
  /** The `libsql` package. */
  readonly libsql: string
  /** The `@libsql/client` package. */
  readonly client: string
}

const require = createRequire(import.meta.url)

function packageVersion(name: string): string {
  // The packages export no package.json, so it is read beside their entry's folder.
  const entry = require.resolve(name)
  const root = entry.slice(0, entry.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}/`.length)
  return String((require(`${root}package.json`) as { version: unknown }).version)
}

/** Asks the engine and the packages that are really loaded. */
export function engineVersions(): EngineVersions {
  return {
    sqlite: sqliteVersion(new NativeConnection(':memory:')),
    libsql: packageVersion('libsql'),
    client: packageVersion('@libsql/client'),
  }
}

/** The version of SQLite that a connection, which is closed then, speaks for. */
export function sqliteVersion(connection: NativeConnection): string {
  try {
    return String(connection.querySync('SELECT sqlite_version()').rows[0]?.[0])
  } finally {
    connection.close()
  }
}
