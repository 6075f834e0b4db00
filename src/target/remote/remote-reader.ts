import { createClient, type Client } from '@libsql/client'
import { TargetError } from '../../core/errors.ts'
import { bindable } from '../bindable.ts'
import type { Connection, Row, Rows, SqlValue, TimedStatement, TimedTransaction } from '../connection.ts'
import type { RemoteLocation } from '../location.ts'
import { asRemoteError, explainedRemoteError } from './remote-error.ts'
import { rowsOf } from './remote.ts'

/** A server that says nothing for so long is not there. */
const answerTimeoutMs = 30_000

/**
 * A libSQL server that is only asked: every method that could write rejects with TARGET_READ_ONLY. One request at a
 * time, over one connection where the protocol keeps one.
 */
export class RemoteReader implements Connection {
  readonly #url: string
  readonly #authToken: string | undefined
  readonly #client: Client

  constructor({ url }: RemoteLocation, authToken: string | undefined) {
    this.#url = url
    this.#authToken = authToken
    try {
      this.#client = createClient({
        url,
        concurrency: 1,
        intMode: 'bigint',
        ...(authToken === undefined ? {} : { authToken }),
      })
    } catch (error) {
      throw asRemoteError(error, url)
    }
  }

  async query(sql: string, args: Row = []): Promise<Rows> {
    return rowsOf(await this.#answer(sql, bindable(args)))
  }

  async #answer(sql: string, args: SqlValue[]): Promise<Awaited<ReturnType<Client['execute']>>> {
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const message = `${this.#url}: no answer within ${answerTimeoutMs / 1000} s`
        reject(new TargetError('TARGET_UNREACHABLE', message))
      }, answerTimeoutMs)
    })
    try {
      return await Promise.race([this.#client.execute({ sql, args }), silence])
    } catch (error) {
      throw await explainedRemoteError(error, this.#url, this.#authToken)
    } finally {
      clearTimeout(timer)
    }
  }

  prepareTimed(sql: string): TimedStatement {
    return {
      kind: 'async',
      run: async (args) => (await this.#answer(sql, args as SqlValue[])).rows.length,
    }
  }

  async execute(): Promise<never> {
    throw this.#refusal()
  }

  async script(): Promise<never> {
    throw this.#refusal()
  }

  async transaction(): Promise<never> {
    throw this.#refusal()
  }

  prepareTimedTransaction(): TimedTransaction {
    throw this.#refusal()
  }

  #refusal(): TargetError {
    return new TargetError('TARGET_READ_ONLY', `${this.#url}: only read here`)
  }

  close(): void {
    this.#client.close()
  }
}
