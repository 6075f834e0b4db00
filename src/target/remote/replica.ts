import { existsSync } from 'node:fs'
import { createClient, type Client } from '@libsql/client'
import { TargetError, UsageError } from '../../core/errors.ts'
import { bindable } from '../bindable.ts'
import type { Row, Rows } from '../connection.ts'
import { fileUri } from '../location.ts'
import { asRemoteError } from './remote-error.ts'
import { rowsOf, type RemoteStatement } from './remote.ts'
import type { ReplicaLocation } from './replica-location.ts'

/** What the engine keeps beside a file that follows a server. */
const followerSuffix = '-client_wal_index'

/**
 * An embedded replica: reads are local, writes are done by the server and come back. Methods reject with `TargetError`.
 */
export class ReplicaConnection {
  readonly #client: Client
  readonly #url: string

  private constructor({ path, syncUrl }: ReplicaLocation, authToken: string | undefined) {
    this.#url = syncUrl
    this.#client = createClient({
      url: fileUri(path),
      syncUrl,
      intMode: 'bigint',
      ...(authToken === undefined ? {} : { authToken }),
    })
  }

  /**
   * Opens a replica and brings it up to date; a file that is not there is made.
   * @throws UsageError for a file that follows no server; TargetError when the server cannot be followed
   */
  static async open(location: ReplicaLocation, authToken: string | undefined): Promise<ReplicaConnection> {
    const { path, syncUrl } = location
    if (existsSync(path) && !existsSync(`${path}${followerSuffix}`)) {
      throw new UsageError(
        'DB_REPLICA',
        `${path} is a database of its own, and no replica; name a file that is not there, or one that follows ${syncUrl}`,
      )
    }
    let opened: ReplicaConnection | undefined
    try {
      opened = new ReplicaConnection(location, authToken)
      await opened.#client.sync()
      return opened
    } catch (error) {
      opened?.close()
      throw asReplicaError(error, syncUrl)
    }
  }

  /** One statement with bound arguments, as the file has it; all rows. */
  async query(sql: string, args: Row = []): Promise<Rows> {
    return this.#guard(async () => rowsOf(await this.#client.execute({ sql, args: bindable(args) })))
  }

  /** Runs statements in one transaction on the server, and resolves when the file has it too. */
  async batch(statements: readonly RemoteStatement[]): Promise<void> {
    const bound = statements.map(({ sql, args }) => ({ sql, args: bindable(args) }))
    await this.#guard(async () => {
      await this.#client.batch(bound, 'write')
      await this.#client.sync()
    })
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw asReplicaError(error, this.#url)
    }
  }

  close(): void {
    this.#client.close()
  }
}

/** The engine hands on in words what happened on the way to the server. */
export function asReplicaError(error: unknown, url: string): TargetError {
  const text = error instanceof Error ? error.message : String(error)
  if (/\b401\b|Unauthorized|unauthenticated|JWT/i.test(text)) return remoteFailure(401, error, url)
  if (/\b403\b|Forbidden/i.test(text)) return remoteFailure(403, error, url)
  if (
    /Connection refused|error trying to connect|transport error|dns error|connection (?:closed|reset)/i.test(
      text,
    )
  ) {
    return asRemoteError(new TypeError(text, { cause: error }), url)
  }
  if (text.includes('HandshakeTimeout')) {
    const message = `${url}: does not answer as a server that replicas can follow; check the URL`
    return new TargetError('TARGET_UNREACHABLE', message, { cause: error })
  }
  return asRemoteError(error, url)
}

const remoteFailure = (status: number, error: unknown, url: string): TargetError =>
  asRemoteError(Object.assign(new Error(`HTTP ${status}`, { cause: error }), { status }), url)
