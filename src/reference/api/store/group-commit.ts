import { setTimeout as sleep } from 'node:timers/promises'
import { TargetError } from '../../../core/errors.ts'
import type { PreparedConnection } from '../../../target/prepared-connection.ts'
import type { Effect, Statement } from './store.ts'

interface Pending {
  readonly unit: readonly Statement[]
  readonly resolve: (effects: readonly Effect[]) => void
  readonly reject: (error: unknown) => void
}

type Outcome =
  { readonly ok: true; readonly effects: readonly Effect[] } | { readonly ok: false; readonly error: unknown }

/**
 * Commits all writes that arrive in one turn of the event loop in one transaction, with one entry in the log instead of
 * one each. Each unit is atomic and fails alone; success is not reported before COMMIT has returned.
 */
export class GroupCommit {
  readonly #connection: PreparedConnection
  readonly #patienceMs: number
  #pending: Pending[] = []
  #waiting: Promise<void> | undefined

  /** Writes wait for `patienceMs` at most while another process holds the write lock. */
  constructor(connection: PreparedConnection, patienceMs: number) {
    this.#connection = connection
    this.#patienceMs = patienceMs
  }

  write(unit: readonly Statement[]): Promise<readonly Effect[]> {
    return new Promise((resolve, reject) => {
      // setImmediate comes after the poll phase, in which all requests that have arrived are read.
      if (this.#pending.push({ unit, resolve, reject }) === 1 && this.#waiting === undefined) {
        setImmediate(this.#turn)
      }
    })
  }

  /** Commits what is pending, and waits for it. */
  async drain(): Promise<void> {
    if (this.#waiting === undefined) this.#turn()
    await this.#waiting
  }

  readonly #turn = (): void => {
    if (this.#pending.length > 0 && !this.#tryCommit()) this.#waiting = this.#commitLater()
  }

  /** While another process writes, reads go on here: the wait is not in the engine, which would stop them all. */
  async #commitLater(): Promise<void> {
    const deadlineMs = performance.now() + this.#patienceMs
    let pauseMs = 1
    try {
      do {
        await sleep(pauseMs)
        pauseMs = Math.min(20, pauseMs * 2)
        if (this.#tryCommit()) return
      } while (performance.now() < deadlineMs)
      const error = new TargetError('TARGET_BUSY', 'another process holds the database')
      for (const { reject } of this.#take()) reject(error)
    } finally {
      this.#waiting = undefined
    }
  }

  #take(): readonly Pending[] {
    const batch = this.#pending
    this.#pending = []
    return batch
  }

  /**
   * Commits all that is pending; false when the write lock is taken, and then all stays pending. Everything happens in
   * this call, so no read sees a transaction half way.
   */
  #tryCommit(): boolean {
    let batch: readonly Pending[] = []
    try {
      if (!this.#connection.begin()) return false
      batch = this.#take()
      const outcomes = batch.map(({ unit }) => this.#runUnit(unit))
      this.#connection.run('COMMIT', [])
      // After COMMIT, so that no moment is left in which a write goes to a file that is no longer there.
      this.#connection.assertInPlace()
      settle(batch, outcomes)
    } catch (error) {
      this.#undo()
      for (const { reject } of batch.length > 0 ? batch : this.#take()) reject(error)
    }
    return true
  }

  #undo(): void {
    try {
      this.#connection.rollback()
    } catch {
      // The connection is replaced at its next use; what it had begun ends with it.
    }
  }

  #runUnit(unit: readonly Statement[]): Outcome {
    // The engine undoes a statement that fails; only several of them need a savepoint to be undone together.
    const several = unit.length > 1
    if (several) this.#connection.run('SAVEPOINT unit', [])
    try {
      const effects = unit.map((statement) => this.#runStatement(statement))
      if (several) this.#connection.run('RELEASE unit', [])
      return { ok: true, effects }
    } catch (error) {
      // A full disk and the like end the whole transaction, and with it the units before this one.
      if (!this.#connection.inTransaction) throw error
      if (several) {
        this.#connection.run('ROLLBACK TO unit', [])
        this.#connection.run('RELEASE unit', [])
      }
      return { ok: false, error }
    }
  }

  #runStatement({ sql, args, returns }: Statement): Effect {
    return returns === true
      ? { rowsChanged: 0, row: this.#connection.firstRow(sql, args) }
      : { rowsChanged: this.#connection.run(sql, args), row: undefined }
  }
}

function settle(batch: readonly Pending[], outcomes: readonly Outcome[]): void {
  batch.forEach(({ resolve, reject }, index) => {
    const outcome = outcomes[index]
    if (outcome?.ok === true) resolve(outcome.effects)
    else reject(outcome?.error)
  })
}
