import type { Row } from '../../../target/connection.ts'
import type { PreparedConnection } from '../../../target/prepared-connection.ts'
import type { Statement } from './store.ts'

interface Pending {
  readonly statement: Statement
  readonly resolve: (row: Row | undefined) => void
  readonly reject: (error: unknown) => void
}

type Outcome =
  { readonly ok: true; readonly row: Row | undefined } | { readonly ok: false; readonly error: unknown }

/** Reads may see a file for so long that has been replaced; writes never do. */
const lookEveryMs = 100

/**
 * Runs all reads that arrive in one turn of the event loop one after the other. It costs each a wait for the end of the
 * turn, and saves a third of the CPU under load: HTTP, the engine and HTTP again each run on with their code and data in
 * the processor's caches.
 */
export class ReadBatch {
  readonly #connection: PreparedConnection
  #pending: Pending[] = []
  #lookAgainMs = 0

  constructor(connection: PreparedConnection) {
    this.#connection = connection
  }

  readRow(statement: Statement): Promise<Row | undefined> {
    return new Promise((resolve, reject) => {
      // setImmediate comes after the poll phase, in which all requests that have arrived are read.
      if (this.#pending.push({ statement, resolve, reject }) === 1) setImmediate(this.run)
    })
  }

  /** Answers what is pending. */
  readonly run = (): void => {
    const batch = this.#pending
    if (batch.length === 0) return
    this.#pending = []
    const replaced = this.#replacedError()
    if (replaced !== undefined) {
      for (const { reject } of batch) reject(replaced)
      return
    }
    const outcomes = batch.map(({ statement }) => this.#read(statement))
    batch.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index]
      if (outcome?.ok === true) resolve(outcome.row)
      else reject(outcome?.error)
    })
  }

  /** The error of a file that is no longer at its path: looked for now and then, because reads are quick. */
  #replacedError(): unknown {
    const nowMs = performance.now()
    if (nowMs < this.#lookAgainMs) return undefined
    try {
      this.#connection.assertInPlace()
      this.#lookAgainMs = nowMs + lookEveryMs
      return undefined
    } catch (error) {
      return error
    }
  }

  #read({ sql, args }: Statement): Outcome {
    try {
      return { ok: true, row: this.#connection.firstRow(sql, args) }
    } catch (error) {
      return { ok: false, error }
    }
  }
}
