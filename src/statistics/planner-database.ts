import { serverVersion } from '../target/remote/server-version.ts'
import { TargetError, UsageError } from '../core/errors.ts'
import { inClosedFolder } from '../target/closed-folder.ts'
import type { ExplainRow, Row, Rows } from '../target/connection.ts'
import { explainQueryPlan } from '../target/explain.ts'
import { inspectFile, parseTarget, type FileLocation, type RemoteLocation } from '../target/location.ts'
import { NativeConnection } from '../target/native.ts'
import { refuseUnreadable } from '../target/refuse-unreadable.ts'
import { asRemoteError } from '../target/remote/remote-error.ts'
import { parseReplica, type ReplicaLocation } from '../target/remote/replica-location.ts'
import type { BoundStatement } from './statistics-rows.ts'

/** A database whose statistics are read or replaced, by one connection. Methods reject with `TargetError`. */
export interface PlannerDatabase {
  readonly location: FileLocation | RemoteLocation | ReplicaLocation
  /** Its path or URL; of a replica the path. */
  readonly shown: string
  query(sql: string, args?: Row): Promise<Rows>
  /** All of them in one transaction, or none. */
  transaction(statements: readonly BoundStatement[]): Promise<void>
  /** EXPLAIN QUERY PLAN with arguments bound, as the planner of this database does it. */
  explain(sql: string, args: Row): Promise<readonly ExplainRow[]>
  /** The server's own words for its version; undefined for a file. */
  serverVersion(): Promise<string | undefined>
  /** Another connection to the same database. */
  reopen(): Promise<PlannerDatabase>
  close(): void
}

/** A writer waits for others so long, and others for it far less. */
const busyTimeoutMs = 5_000
/** A server that says nothing for so long is not there. */
const answerTimeoutMs = 60_000

/**
 * Opens a database wherever it is.
 * @param db as in `--db`
 * @throws UsageError when there is no such database; TargetError when it cannot be opened
 */
export async function openPlannerDatabase(
  db: string,
  authToken: string | undefined,
  access: 'read' | 'write',
): Promise<PlannerDatabase> {
  const replica = parseReplica(db)
  if (replica !== undefined) return openReplica(replica, authToken)
  const location = parseTarget(db)
  if (location.kind === 'remote') return openServer(location, authToken)
  if ((await inspectFile(location.path, access)) !== 'database') {
    throw new UsageError('TARGET_NOT_FOUND', `no database ${location.path}; name one that is there with --db`)
  }
  try {
    return openFile(location, access)
  } catch (error) {
    throw await inClosedFolder(location.path, error)
  }
}

function openFile(location: FileLocation, access: 'read' | 'write'): PlannerDatabase {
  const { path } = location
  const connection = new NativeConnection(path, { busyTimeoutMs, readOnly: access === 'read' })
  try {
    refuseUnreadable(connection, path)
  } catch (error) {
    connection.close()
    throw error
  }
  return {
    location,
    shown: path,
    query: (sql, args) => connection.query(sql, args),
    transaction: async (statements) => {
      await connection.transaction('write', async () => {
        for (const { sql, args } of statements) connection.executeSync(sql, args)
      })
      // Whoever copies the file alone has it too.
      connection.scriptSync('PRAGMA wal_checkpoint(PASSIVE)')
    },
    explain: async (sql, args) => explainQueryPlan(path, sql, args),
    serverVersion: async () => undefined,
    reopen: async () => openFile(location, 'read'),
    close: () => connection.close(),
  }
}

async function openServer(location: RemoteLocation, authToken: string | undefined): Promise<PlannerDatabase> {
  const { url } = location
  // Loaded when it is asked for: it brings a network stack that a file never uses.
  const { RemoteConnection } = await import('../target/remote/remote.ts')
  const connect = (): InstanceType<typeof RemoteConnection> => {
    try {
      return new RemoteConnection(location, { concurrency: 1, authToken })
    } catch (error) {
      throw asRemoteError(error, url)
    }
  }
  const connection = connect()
  const query = (sql: string, args?: Row): Promise<Rows> => answered(url, connection.query(sql, args))
  return {
    location,
    shown: url,
    query,
    transaction: async (statements) => void (await answered(url, connection.batch(statements))),
    explain: async (sql, args) => {
      const { rows } = await query(`EXPLAIN QUERY PLAN ${sql}`, args)
      return rows.map(([id, parent, , detail]) => ({
        id: Number(id),
        parent: Number(parent),
        detail: String(detail),
      }))
    },
    serverVersion: () => connection.serverVersion(),
    reopen: () => openServer(location, authToken),
    close: () => connection.close(),
  }
}

async function openReplica(
  location: ReplicaLocation,
  authToken: string | undefined,
): Promise<PlannerDatabase> {
  const { path, syncUrl } = location
  const { ReplicaConnection } = await import('../target/remote/replica.ts')
  const connection = await answered(syncUrl, ReplicaConnection.open(location, authToken))
  return {
    location,
    shown: path,
    query: (sql, args) => connection.query(sql, args),
    transaction: (statements) => answered(syncUrl, connection.batch(statements)),
    explain: async (sql, args) => explainQueryPlan(path, sql, args),
    serverVersion: () => serverVersion(syncUrl),
    reopen: () => openReplica(location, authToken),
    close: () => connection.close(),
  }
}

async function answered<T>(url: string, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `${url}: no answer within ${answerTimeoutMs / 1000} s`
      reject(new TargetError('TARGET_UNREACHABLE', message))
    }, answerTimeoutMs)
  })
  try {
    return await Promise.race([answer, silence])
  } finally {
    clearTimeout(timer)
  }
}
