import type { PreparedConnection } from '../target/prepared-connection.ts'
import { TargetError } from '../core/errors.ts'
import type { Effect, Statement } from './store.ts'

interface Pending {
  readonly unit: readonly Statement[]
  readonly resolve: (effects: readonly Effect[]) => void
  readonly reject: (error: unknown) => void
}

type Outcome =
  { readonly ok: true; readonly effects: readonly Effect[] } | { readonly ok: false; readonly error: unknown }

/**
 * Commits all writes that arrive in one turn of the event loop in one transaction: one commit record in the log instead
 * of one each. Each unit is atomic and fails alone; nobody hears of success before COMMIT has returned.
 */
export class GroupCommit {
  readonly #connection: PreparedConnection
  #pending: Pending[] = []

  constructor(connection: PreparedConnection) {
    this.#connection = connection
  }

  write(unit: readonly Statement[]): Promise<readonly Effect[]> {
    return new Promise((resolve, reject) => {
      // After the poll phase, in which all requests that have come are read.
      if (this.#pending.push({ unit, resolve, reject }) === 1) setImmediate(() => this.flush())
    })
  }

  /** Commits what waits. Everything happens in this call, so no read sees a transaction half way. */
  flush(): void {
    const batch = this.#pending
    if (batch.length === 0) return
    this.#pending = []
    let outcomes: readonly Outcome[]
    try {
      outcomes = this.#commit(batch)
    } catch (error) {
      for (const { reject } of batch) reject(error)
      return
    }
    batch.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index]!
      if (outcome.ok) resolve(outcome.effects)
      else reject(outcome.error)
    })
  }

  #commit(batch: readonly Pending[]): readonly Outcome[] {
    const connection = this.#connection
    connection.run('BEGIN IMMEDIATE', [])
    try {
      const outcomes = batch.map(({ unit }) => this.#runUnit(unit))
      connection.run('COMMIT', [])
      return outcomes
    } catch (error) {
      connection.rollback()
      throw error
    }
  }

  #runUnit(unit: readonly Statement[]): Outcome {
    const connection = this.#connection
    // A statement that fails is undone by the engine alone; only several need a savepoint to be undone together.
    const several = unit.length > 1
    if (several) connection.run('SAVEPOINT unit', [])
    try {
      const effects = unit.map(({ sql, args }) => ({
        rowsChanged: connection.run(sql, args),
        row: undefined,
      }))
      if (several) connection.run('RELEASE unit', [])
      return { ok: true, effects }
    } catch (error) {
      // Disk full and the like end the whole transaction, and with it the writes before this one.
      if (!connection.inTransaction) {
        throw new TargetError('TARGET_FAILED', 'the transaction was rolled back', { cause: error })
      }
      if (several) {
        connection.run('ROLLBACK TO unit', [])
        connection.run('RELEASE unit', [])
      }
      return { ok: false, error }
    }
  }
}
