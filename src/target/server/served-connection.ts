import { createClient, type Client, type Config, type Transaction } from '@libsql/client'
import { bindable } from '../bindable.ts'
import type {
  Connection,
  ExplainRow,
  Row,
  RowCounts,
  Rows,
  SqlValue,
  TimedStatement,
  TimedTransaction,
  TransactionMode,
} from '../connection.ts'
import { countRowsOnServer } from '../remote/count-rows-on-server.ts'
import type { DriverVersions } from '../driver.ts'
import { targetErrorCode } from '../error-code.ts'
import { explainRow } from '../explain.ts'
import { TargetError } from '../../core/errors.ts'
import { asRemoteError } from '../remote/remote-error.ts'
import { exactRowsOf, rowsOf } from '../remote/remote.ts'
import { serverVersion } from '../remote/server-version.ts'
import type { ServedFile } from './sqld-file.ts'
import { startSqld } from './sqld-process.ts'

/** Requests under way at once in a measurement: a sample is one call, and the next begins when it has ended. */
export const servedConcurrency = 1

/** What no libSQL server offers of what is measured (sqld 0.24.32). */
export const serverLacks = [
  'VM steps and the other counters of statements',
  'times of index builds and memory of the page cache',
  'ANALYZE, VACUUM, ATTACH and PRAGMA that set something: databases are analyzed as files before, and the server sets synchronous=NORMAL itself',
] as const

/** A database file behind a libSQL server that was started for it, through `@libsql/client`. */
export class ServedConnection implements Connection {
  readonly #served: ServedFile
  readonly #client: Client
  readonly #url: string
  #transaction: Transaction | undefined

  /** @param config what the client connects to */
  constructor(served: ServedFile, config: Pick<Config, 'url' | 'syncUrl'>) {
    this.#served = served
    this.#url = config.syncUrl ?? config.url
    this.#client = createClient({ ...config, concurrency: servedConcurrency, intMode: 'bigint' })
  }

  /** Fetches what the server has, where the client keeps a replica. */
  async sync(): Promise<void> {
    await this.#guard(() => this.#client.sync())
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw this.#failure(error)
    }
  }

  #failure(error: unknown): TargetError {
    const mapped = asRemoteError(error, this.#url)
    // Of a replica, what its own file refuses.
    const local = mapped.code === 'TARGET_FAILED' ? targetErrorCode(error) : mapped.code
    return local === mapped.code ? mapped : new TargetError(local, mapped.message, { cause: error })
  }

  get #executor(): Pick<Client, 'execute'> {
    return this.#transaction ?? this.#client
  }

  async query(sql: string, args: Row = []): Promise<Rows> {
    return rowsOf(await this.#guard(() => this.#executor.execute({ sql, args: bindable(args) })))
  }

  async queryExact(sql: string, args: Row): Promise<Rows> {
    return exactRowsOf(await this.#guard(() => this.#executor.execute({ sql, args: bindable(args) })))
  }

  async execute(sql: string, args: Row = []): Promise<{ readonly rowsChanged: number }> {
    const result = await this.#guard(() => this.#executor.execute({ sql, args: bindable(args) }))
    return { rowsChanged: result.rowsAffected }
  }

  async script(sql: string): Promise<void> {
    await this.#guard(() => (this.#transaction ?? this.#client).executeMultiple(sql))
  }

  async transaction<T>(mode: TransactionMode, work: () => Promise<T>): Promise<T> {
    const transaction = await this.#guard(() => this.#client.transaction(mode))
    this.#transaction = transaction
    try {
      const result = await work()
      await this.#guard(() => transaction.commit())
      return result
    } catch (error) {
      await transaction.rollback().catch(() => undefined)
      throw error
    } finally {
      this.#transaction = undefined
      transaction.close()
    }
  }

  // Without `#guard`, whose promise of its own would be measured too.
  prepareTimed(sql: string): TimedStatement {
    const client = this.#client
    return {
      kind: 'async',
      run: async (args) => {
        try {
          const result = await client.execute({ sql, args: args as SqlValue[] })
          return result.columns.length > 0 ? result.rows.length : result.rowsAffected
        } catch (error) {
          throw this.#failure(error)
        }
      },
    }
  }

  /** One batch: one request, which the server runs as a transaction. */
  prepareTimedTransaction(sql: string): TimedTransaction {
    const client = this.#client
    return {
      kind: 'async',
      run: async (argsList) => {
        try {
          const statements = argsList.map((args) => ({ sql, args: args as SqlValue[] }))
          const results = await client.batch(statements, 'write')
          // A replica counts no change of a statement with RETURNING, and gives its rows.
          return results.reduce((sum, { rowsAffected, rows }) => sum + Math.max(rowsAffected, rows.length), 0)
        } catch (error) {
          throw this.#failure(error)
        }
      },
    }
  }

  /** Asked of the server itself, whose database and statistics a replica has too. */
  async explain(sql: string, args: Row): Promise<readonly ExplainRow[]> {
    const client = createClient({ url: this.#served.server.url, intMode: 'bigint' })
    try {
      const result = await this.#guard(() =>
        client.execute({ sql: `EXPLAIN QUERY PLAN ${sql}`, args: bindable(args) }),
      )
      return rowsOf(result).rows.map(explainRow)
    } finally {
      client.close()
    }
  }

  async countRows(sql: string, args: Row): Promise<RowCounts> {
    const [counted] = await countRowsOnServer(this.#served.server.url, { sql, argsList: [bindable(args)] })
    if (counted === undefined) throw new TargetError('TARGET_ROWS_READ', `${this.#url}: counted nothing`)
    const { rowsRead, rowsWritten, serverMs } = counted
    return { rowsRead, rowsWritten, serverNs: Math.round(serverMs * 1e6) }
  }

  async close(): Promise<void> {
    this.#client.close()
    await this.#served.close()
  }
}

/** Asks a server that is started for it. @throws UsageError SQLD_MISSING; TargetError */
export async function servedVersions(): Promise<DriverVersions> {
  const server = await startSqld()
  const client = createClient({ url: server.url })
  try {
    const { rows } = rowsOf(await client.execute('SELECT sqlite_version()'))
    const version = (await serverVersion(server.url)) ?? 'unknown'
    return {
      version: version.replace(/^sqld /, ''),
      sqlite: String(rows[0]?.[0]),
      concurrency: servedConcurrency,
    }
  } finally {
    client.close()
    await server.stop()
  }
}
