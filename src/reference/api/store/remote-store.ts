import { TargetError } from '../../../core/errors.ts'
import type { Row } from '../../../target/connection.ts'
import type { RemoteLocation } from '../../../target/location.ts'
import { RemoteConnection, type RemoteEffect } from '../../../target/remote/remote.ts'
import { engineVersions } from '../../../target/versions.ts'
import type { ApiStore, Effect, Statement } from './store.ts'

interface Pending {
  readonly unit: readonly Statement[]
  readonly resolve: (effects: readonly Effect[]) => void
  readonly reject: (error: unknown) => void
}

/** Half of what a server takes by default (128), above which it answers 429. */
const requestsAtOnce = 64
const unitsInBatch = 64

/** Failures after which the server has certainly undone the batch, so that its units may be tried one by one. */
const undone = new Set(['TARGET_CONSTRAINT', 'TARGET_SQL'])

/**
 * A database on a libSQL server. Writes go in batches, one under way at a time: the server has one writer anyway, and
 * meanwhile the next batch fills. A batch is one transaction in one round trip.
 */
export class RemoteStore implements ApiStore {
  readonly jsonForm = 'text'
  readonly #connection: RemoteConnection
  readonly #url: string
  #pending: Pending[] = []
  #writing: Promise<void> | undefined

  constructor(location: RemoteLocation, authToken: string | undefined) {
    this.#url = location.url
    this.#connection = new RemoteConnection(location, { concurrency: requestsAtOnce, authToken })
  }

  async readRow({ sql, args }: Statement): Promise<Row | undefined> {
    return (await this.#connection.query(sql, args)).rows[0]
  }

  write(unit: readonly Statement[]): Promise<readonly Effect[]> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ unit, resolve, reject })
      this.#writing ??= this.#writeAll()
    })
  }

  async #writeAll(): Promise<void> {
    // What arrives in the same turn of the event loop shares the first batch.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#pending.length > 0) await this.#writeBatch(this.#pending.splice(0, unitsInBatch))
    this.#writing = undefined
  }

  async #writeBatch(batch: readonly Pending[]): Promise<void> {
    try {
      const effects = await this.#connection.batch(batch.flatMap(({ unit }) => unit))
      let next = 0
      for (const { unit, resolve } of batch) resolve(effects.slice(next, (next += unit.length)).map(effectOf))
    } catch (error) {
      const alone = batch.length === 1 || !(error instanceof TargetError && undone.has(error.code))
      if (alone) for (const { reject } of batch) reject(error)
      else for (const each of batch) await this.#writeBatch([each])
    }
  }

  async describe(): Promise<Readonly<Record<string, string>>> {
    const { rows } = await this.#connection.query('SELECT sqlite_version()')
    const journal = await this.#connection.query('PRAGMA journal_mode')
    return {
      driver: `@libsql/client ${engineVersions().client}`,
      database: this.#url,
      server: (await this.#connection.serverVersion()) ?? 'unknown',
      sqlite: String(rows[0]?.[0]),
      journal_mode: String(journal.rows[0]?.[0] ?? 'unknown'),
      // The server sets it itself and does not report it.
      synchronous: 'set by the server',
    }
  }

  async close(): Promise<void> {
    await this.#writing
    this.#connection.close()
  }
}

const effectOf = ({ rowsChanged, rows }: RemoteEffect): Effect => ({ rowsChanged, row: rows[0] })
