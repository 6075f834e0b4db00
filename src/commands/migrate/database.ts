import { UsageError } from '../../core/errors.ts'
import { readToken } from '../../load/target/token.ts'
import { applyPlan } from '../../schema/apply.ts'
import type { MigrationPlan } from '../../schema/migration-plan.ts'
import { inClosedFolder } from '../../target/closed-folder.ts'
import type { Connection } from '../../target/connection.ts'
import { inspectFile, parseTarget, type Location, type RemoteLocation } from '../../target/location.ts'
import { NativeConnection } from '../../target/native.ts'
import type { RemoteConnection } from '../../target/remote/remote.ts'
import { refuseUnreadable } from '../../target/refuse-unreadable.ts'
import type { DatabaseOptions } from './options.ts'

/** A database that migrations are applied to, wherever it is. */
export interface MigratedDatabase {
  readonly reader: Pick<Connection, 'query'>
  readonly apply: (plan: MigrationPlan) => Promise<void>
}

const busyTimeoutMs = 5_000

/** Where `--db` says the database is. @throws UsageError also for a token without a server */
export function locationOf({ db, authTokenEnv }: DatabaseOptions): Location {
  const location = parseTarget(db)
  if (location.kind === 'file' && authTokenEnv !== undefined)
    throw new UsageError('TOKEN_UNUSED', '--auth-token-env is for a server, and --db is a file; leave it out')
  return location
}

/** @throws UsageError TARGET_NOT_FOUND for a file that is not there */
export async function refuseAbsent(options: DatabaseOptions): Promise<void> {
  const location = locationOf(options)
  if (location.kind !== 'file' || (await inspectFile(location.path, 'read')) !== 'absent') return
  throw new UsageError(
    'TARGET_NOT_FOUND',
    `no database ${location.path}; make it with: forgebench migrate up --db ${options.db}`,
  )
}

/** Opens a database, works on it and closes it. @throws UsageError and TargetError when it cannot be opened */
export async function withDatabase<T>(
  options: DatabaseOptions,
  access: 'read' | 'write',
  work: (database: MigratedDatabase) => Promise<T>,
): Promise<T> {
  const location = locationOf(options)
  if (location.kind === 'file')
    return withFile(location.path, options, access, (connection) => work(databaseOf(connection)))
  return withServer(location, options, async (remote) => {
    const { applyOnServer } = await import('../../schema/apply-on-server.ts')
    return work({ reader: remote, apply: (plan) => applyOnServer(remote, plan) })
  })
}

/** As `withDatabase`, for what needs the connection to a server itself. */
export async function withServer<T>(
  location: RemoteLocation,
  { authTokenEnv }: DatabaseOptions,
  work: (remote: RemoteConnection) => Promise<T>,
): Promise<T> {
  const authToken = readToken(authTokenEnv ?? null, process.env)
  // Loaded when it is asked for: it brings a network stack that a file never uses.
  const { RemoteConnection } = await import('../../target/remote/remote.ts')
  const remote = new RemoteConnection(location, { concurrency: 1, authToken })
  try {
    return await work(remote)
  } finally {
    remote.close()
  }
}

/** As `withDatabase`, for what needs the connection to a file itself. */
export async function withFile<T>(
  path: string,
  options: DatabaseOptions,
  access: 'read' | 'write',
  work: (connection: NativeConnection) => Promise<T>,
): Promise<T> {
  if (access === 'read') await refuseAbsent(options)
  else await inspectFile(path, access)
  try {
    const connection = new NativeConnection(path, { busyTimeoutMs, readOnly: access === 'read' })
    try {
      refuseUnreadable(connection, path)
      const result = await work(connection)
      // The driver keeps the file open until its statements are collected, so the log would keep what was changed, and
      // whoever copies the file alone would copy it as it was.
      if (access === 'write') connection.scriptSync('PRAGMA wal_checkpoint(PASSIVE)')
      return result
    } finally {
      connection.close()
    }
  } catch (error) {
    throw await inClosedFolder(path, error)
  }
}

/** Works on an empty database that is gone afterwards. */
export async function inMemory<T>(work: (database: MigratedDatabase) => Promise<T>): Promise<T> {
  const connection = new NativeConnection(':memory:')
  try {
    return await work(databaseOf(connection))
  } finally {
    connection.close()
  }
}

const databaseOf = (connection: NativeConnection): MigratedDatabase => ({
  reader: connection,
  apply: (plan) => applyPlan(connection, plan),
})
