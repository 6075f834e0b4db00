import { createClient, type Client, type Transaction } from '@libsql/client'
import type { TargetError } from '../../core/errors.ts'
import { bindable } from '../bindable.ts'
import type {
  Connection,
  Row,
  Rows,
  SqlValue,
  TimedStatement,
  TimedTransaction,
  TransactionMode,
} from '../connection.ts'
import type { Driver } from '../driver.ts'
import { asTargetError, refuseEmptyPath, type OpenOptions } from '../embedded-database.ts'
import { fileUri } from '../location.ts'
import { exactRowsOf, rowsOf } from '../remote/remote.ts'
import { engineVersions } from '../versions.ts'

/** The embedded engine as most applications use it. */
export const driver: Driver = {
  usesEmbeddedLibsql: true,
  lacks: [],
  open: (path, options) => ClientConnection.open(path, options),
  versions: async () => {
    const { client, sqlite } = engineVersions()
    return { version: client, sqlite }
  },
}

/** A file through `@libsql/client`, held to one connection so that PRAGMAs reach all of it. */
class ClientConnection implements Connection {
  readonly #path: string
  readonly #options: OpenOptions
  readonly #client: Client
  #transaction: Transaction | undefined

  private constructor(path: string, options: OpenOptions) {
    this.#path = path
    this.#options = options
    this.#client = createClient({
      url: fileUri(path),
      concurrency: 1,
      // The client reads bigints in any case: as numbers it would convert them, and refuse those above 2^53.
      intMode: 'bigint',
      ...(options.busyTimeoutMs === undefined ? {} : { timeout: options.busyTimeoutMs }),
    })
  }

  static async open(path: string, options: OpenOptions = {}): Promise<ClientConnection> {
    refuseEmptyPath(path)
    try {
      const connection = new ClientConnection(path, options)
      await connection.#applyPragmas()
      return connection
    } catch (error) {
      throw asTargetError(error, path)
    }
  }

  async #applyPragmas(): Promise<void> {
    const readOnly = this.#options.readOnly === true ? ['PRAGMA query_only = ON'] : []
    for (const pragma of [...(this.#options.pragmas ?? []), ...readOnly]) {
      await this.#client.execute(pragma)
    }
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw await this.#failure(error)
    }
  }

  /** After SQLITE_BUSY the pooled connection acknowledges writes that are lost; only a reconnect helps. */
  async #failure(error: unknown): Promise<TargetError> {
    const mapped = asTargetError(error, this.#path)
    if (mapped.code === 'TARGET_BUSY' && this.#transaction === undefined) {
      this.#client.reconnect()
      await this.#applyPragmas()
    }
    return mapped
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
      await transaction.commit()
      return result
    } catch (error) {
      await transaction.rollback().catch(() => undefined)
      throw asTargetErrorOrSame(error, this.#path)
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
          throw await this.#failure(error)
        }
      },
    }
  }

  prepareTimedTransaction(sql: string): TimedTransaction {
    const client = this.#client
    return {
      kind: 'async',
      run: async (argsList) => {
        try {
          const statements = argsList.map((args) => ({ sql, args: args as SqlValue[] }))
          const results = await client.batch(statements, 'write')
          return results.reduce((sum, result) => sum + result.rowsAffected, 0)
        } catch (error) {
          throw await this.#failure(error)
        }
      },
    }
  }

  close(): void {
    this.#client.close()
  }
}

function asTargetErrorOrSame(error: unknown, path: string): unknown {
  return error instanceof Error && 'code' in error && !('exit' in error) ? asTargetError(error, path) : error
}
