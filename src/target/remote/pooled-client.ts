import { createClient, type Client } from '@libsql/client'
import { bindable } from '../bindable.ts'
import type { Row, Rows } from '../connection.ts'
import { asTargetError } from '../embedded-database.ts'
import { fileUri } from '../location.ts'
import { rowsOf } from './remote.ts'
import { asRemoteError } from './remote-error.ts'

/** Where a pooled client reads and writes: a file, a server, or a file that is the replica of a server. */
export type PooledLocation =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'server'; readonly url: string }
  | { readonly kind: 'replica'; readonly path: string; readonly url: string }

export interface PooledStatement {
  readonly sql: string
  readonly args?: Row
}

/** What statements can be sent to: a client, or one of its transactions. */
export interface PooledStatements {
  readonly query: (sql: string, args?: Row) => Promise<Rows>
  /** Returns the rows changed. */
  readonly execute: (sql: string, args?: Row) => Promise<number>
}

/**
 * `@libsql/client` as applications use it: many calls under way at once, interactive transactions beside them. A file has
 * one connection, whose interactive transaction shuts out all else. Every method rejects with `TargetError`.
 */
export class PooledClient implements PooledStatements {
  readonly #location: PooledLocation
  readonly #client: Client

  /** @param concurrency requests under way at once; the client queues the rest */
  constructor(location: PooledLocation, concurrency: number) {
    this.#location = location
    this.#client = createClient({
      intMode: 'bigint',
      ...(location.kind === 'server'
        ? { url: location.url, concurrency }
        : { url: fileUri(location.path), concurrency: 1 }),
      ...(location.kind === 'replica' ? { syncUrl: location.url } : {}),
    })
  }

  readonly query = (sql: string, args: Row = []): Promise<Rows> =>
    this.#guard(async () => rowsOf(await this.#client.execute({ sql, args: bindable(args) })))

  readonly execute = (sql: string, args: Row = []): Promise<number> =>
    this.#guard(async () => (await this.#client.execute({ sql, args: bindable(args) })).rowsAffected)

  /** Statements in one transaction and one request; returns the rows that each changed. */
  batch(statements: readonly PooledStatement[]): Promise<readonly number[]> {
    const bound = statements.map(({ sql, args = [] }) => ({ sql, args: bindable(args) }))
    return this.#guard(async () =>
      (await this.#client.batch(bound, 'write')).map(({ rowsAffected }) => rowsAffected),
    )
  }

  /** An interactive write transaction. A throw rolls back and is rethrown. */
  async transaction<T>(work: (statements: PooledStatements) => Promise<T>): Promise<T> {
    const transaction = await this.#guard(() => this.#client.transaction('write'))
    try {
      const result = await work({
        query: (sql, args = []) =>
          this.#guard(async () => rowsOf(await transaction.execute({ sql, args: bindable(args) }))),
        execute: (sql, args = []) =>
          this.#guard(async () => (await transaction.execute({ sql, args: bindable(args) })).rowsAffected),
      })
      await this.#guard(() => transaction.commit())
      return result
    } finally {
      // Closing rolls back what was not committed.
      transaction.close()
    }
  }

  /** Of a replica: fetches what the server has; returns the number of frames. */
  sync(): Promise<number> {
    return this.#guard(async () => (await this.#client.sync())?.frames_synced ?? 0)
  }

  close(): void {
    this.#client.close()
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw this.#location.kind === 'file'
        ? asTargetError(error, this.#location.path)
        : asRemoteError(error, this.#location.url)
    }
  }
}
