import { TargetError } from '../core/errors.ts'
import type { Row, SqlValue } from './connection.ts'
import { FileIdentity } from './file-identity.ts'
import { openNativeDriver, type NativeDatabase, type NativeStatement } from './native-driver.ts'
import { asTargetError, type OpenOptions } from './native.ts'

/**
 * The embedded engine for a service: synchronous, one connection, every statement prepared once and kept. Values are
 * bound as they come, so whole numbers that must stay integers are bigint (see `bindable`).
 * Every method throws `TargetError`.
 */
export class PreparedConnection {
  readonly #path: string
  readonly #options: OpenOptions
  readonly #statements = new Map<string, NativeStatement>()
  #database: NativeDatabase
  #files: FileIdentity
  #poisoned = false
  #replaced = false

  constructor(path: string, options: OpenOptions = {}) {
    this.#path = path
    this.#options = options
    this.#database = this.#open()
    this.#files = new FileIdentity(path)
  }

  #open(): NativeDatabase {
    return this.#guard(() => {
      const database = openNativeDriver(this.#path, this.#options.busyTimeoutMs ?? 0)
      for (const pragma of this.#options.pragmas ?? []) database.prepare(pragma).all([])
      return database
    })
  }

  /** As in `NativeConnection`: after SQLITE_BUSY the connection would lose what it acknowledges, so it is replaced. */
  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      const mapped = asTargetError(error, this.#path)
      if (mapped.code === 'TARGET_BUSY') this.#poisoned = true
      throw mapped
    }
  }

  #statement(sql: string): NativeStatement {
    if (this.#poisoned && !this.#database.inTransaction) this.#reopen()
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#guard(() => this.#database.prepare(sql))
    if (statement.reader) statement.raw(true)
    this.#statements.set(sql, statement)
    return statement
  }

  #reopen(): void {
    this.assertInPlace()
    this.#statements.clear()
    this.#database.close()
    this.#database = this.#open()
    this.#files = new FileIdentity(this.#path)
    this.#poisoned = false
  }

  /**
   * Makes sure that what is written will be found by whoever opens the path: call it after COMMIT and before anybody is
   * told. It takes some microseconds.
   * @throws TargetError TARGET_REPLACED, from then on every time
   */
  assertInPlace(): void {
    if (!this.#replaced && this.#files.isInPlace()) return
    this.#replaced = true
    throw new TargetError(
      'TARGET_REPLACED',
      `${this.#path}: the file was replaced or deleted while it was open; open it again`,
    )
  }

  /** The first row of a query, or undefined. The statement is reset: no read transaction stays open. */
  firstRow(sql: string, args: Row): Row | undefined {
    const statement = this.#statement(sql)
    try {
      return (statement.get(args) ?? undefined) as SqlValue[] | undefined
    } catch (error) {
      throw this.#failure(error, sql)
    }
  }

  /** Runs a statement for its effect; returns the number of rows changed. */
  run(sql: string, args: Row): number {
    const statement = this.#statement(sql)
    try {
      return statement.run(args).changes
    } catch (error) {
      throw this.#failure(error, sql)
    }
  }

  /**
   * Begins a write transaction; false when another connection holds the write lock for longer than the busy timeout. A
   * BEGIN that was busy leaves nothing behind, so the connection and its statements stay as they are.
   * @throws TargetError, also when the file is known to have been replaced
   */
  begin(): boolean {
    if (this.#replaced) this.assertInPlace()
    try {
      this.#statement('BEGIN IMMEDIATE').run([])
      return true
    } catch (error) {
      const mapped = asTargetError(error, this.#path)
      if (mapped.code === 'TARGET_BUSY') return false
      throw mapped
    }
  }

  /** True between BEGIN and COMMIT; false again when the engine itself has rolled back after an error. */
  get inTransaction(): boolean {
    return this.#database.inTransaction
  }

  /** Undoes the open transaction, if there is one. */
  rollback(): void {
    if (this.#database.inTransaction) this.#guard(() => this.#database.exec('ROLLBACK'))
  }

  /**
   * The driver does not reset a statement whose `get` failed: it would keep its old arguments, and fail for every caller
   * after this one. So it is prepared anew.
   */
  #failure(error: unknown, sql: string): TargetError {
    this.#statements.delete(sql)
    const mapped = asTargetError(error, this.#path)
    if (mapped.code === 'TARGET_BUSY') this.#poisoned = true
    return mapped
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }
}
