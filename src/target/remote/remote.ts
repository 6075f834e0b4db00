import { createClient, type Client, type ResultSet } from '@libsql/client'
import { bindable, withNumbers } from '../bindable.ts'
import type { Row, Rows, SqlValue } from '../connection.ts'
import type { RemoteLocation } from '../location.ts'
import { explainedRemoteError } from './remote-error.ts'
import { serverVersion } from './server-version.ts'

/** A statement of a batch. */
export interface RemoteStatement {
  readonly sql: string
  readonly args: Row
}

/** What a statement of a batch gave. */
export interface RemoteEffect extends Rows {
  readonly rowsChanged: number
}

export interface RemoteOptions {
  /** Requests under way at once; the client queues the rest. A server takes 128 by default. */
  readonly concurrency: number
  readonly authToken?: string | undefined
}

/**
 * A libSQL server through `@libsql/client`, over HTTP or WebSocket as its URL says. Every method rejects with
 * `TargetError`.
 */
export class RemoteConnection {
  readonly #url: string
  readonly #authToken: string | undefined
  readonly #client: Client

  constructor({ url }: RemoteLocation, { concurrency, authToken }: RemoteOptions) {
    this.#url = url
    this.#authToken = authToken
    this.#client = createClient({
      url,
      concurrency,
      intMode: 'bigint',
      ...(authToken === undefined ? {} : { authToken }),
    })
  }

  /** One statement with bound arguments; all rows. */
  async query(sql: string, args: Row = []): Promise<Rows> {
    return effectOf(await this.#guard(() => this.#client.execute({ sql, args: bindable(args) })))
  }

  /** Runs statements in one transaction; resolves after COMMIT. An error leaves nothing behind, unless the way back broke. */
  async batch(statements: readonly RemoteStatement[]): Promise<readonly RemoteEffect[]> {
    const bound = statements.map(({ sql, args }) => ({ sql, args: bindable(args) }))
    return (await this.#guard(() => this.#client.batch(bound, 'write'))).map(effectOf)
  }

  /**
   * As `batch`, with foreign keys off, so that tables can be rebuilt: for migrations.
   * @throws TargetError; its cause has `statementIndex` where a statement failed
   */
  async migrate(statements: readonly RemoteStatement[]): Promise<void> {
    const bound = statements.map(({ sql, args }) => ({ sql, args: bindable(args) }))
    await this.#guard(() => this.#client.migrate(bound))
  }

  /** Reads in one transaction: everything as it was at one moment. Ten seconds without a question end it. */
  async snapshot<T>(
    work: (reader: { query(sql: string, args?: Row): Promise<Rows> }) => Promise<T>,
  ): Promise<T> {
    const transaction = await this.#guard(() => this.#client.transaction('read'))
    try {
      return await work({
        query: async (sql, args = []) =>
          effectOf(await this.#guard(() => transaction.execute({ sql, args: bindable(args) }))),
      })
    } finally {
      transaction.close()
    }
  }

  /** See `serverVersion`. */
  serverVersion(): Promise<string | undefined> {
    return serverVersion(this.#url)
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw await explainedRemoteError(error, this.#url, this.#authToken)
    }
  }

  close(): void {
    this.#client.close()
  }
}

const effectOf = (result: ResultSet): RemoteEffect => ({
  ...rowsOf(result),
  rowsChanged: result.rowsAffected,
})

/** The client's rows, read with integers as bigint, as ours; every integer stays a bigint. */
export const exactRowsOf = ({ columns, rows }: ResultSet): Rows => ({
  columns,
  rows: rows.map((row) =>
    Array.from({ length: columns.length }, (_, index): SqlValue => {
      const value = row[index] ?? null
      return value instanceof ArrayBuffer ? new Uint8Array(value) : value
    }),
  ),
})

/** As `exactRowsOf`; integers that a number holds exactly are numbers. */
export function rowsOf(result: ResultSet): Rows {
  const { columns, rows } = exactRowsOf(result)
  return { columns, rows: rows.map(withNumbers) }
}
