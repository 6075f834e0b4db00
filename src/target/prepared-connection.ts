import { TargetError } from '../core/errors.ts'
import type { Row, SqlValue } from './connection.ts'
import { FileIdentity } from './file-identity.ts'
import {
  asTargetError,
  EmbeddedDatabase,
  type NativeStatement,
  type OpenOptions,
} from './embedded-database.ts'

/**
 * The embedded engine for a service: synchronous, one connection, every statement prepared once and kept. Values are
 * bound as they come, so whole numbers that must stay integers are bigint (see `bindable`).
 * Every method throws `TargetError`.
 */
export class PreparedConnection {
  readonly #path: string
  readonly #database: EmbeddedDatabase
  readonly #statements = new Map<string, NativeStatement>()
  #files: { readonly identity: FileIdentity; readonly opening: number }
  #replaced = false

  constructor(path: string, options: OpenOptions = {}) {
    this.#path = path
    this.#database = new EmbeddedDatabase(path, options, () => {
      this.assertInPlace()
      this.#statements.clear()
    })
    this.#files = { identity: new FileIdentity(path), opening: this.#database.openings }
  }

  #statement(sql: string): NativeStatement {
    const known = this.#database.isStale ? undefined : this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    const opening = this.#database.openings
    if (opening !== this.#files.opening) this.#files = { identity: new FileIdentity(this.#path), opening }
    return statement
  }

  /**
   * Makes sure that what is written will be found by whoever opens the path: call it after COMMIT and before anybody is
   * told. It takes some microseconds.
   * @throws TargetError TARGET_REPLACED, from then on every time
   */
  assertInPlace(): void {
    if (!this.#replaced && this.#files.identity.isInPlace()) return
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
    this.#database.rollback()
  }

  /**
   * The driver does not reset a statement whose `get` failed: it would keep its old arguments, and fail for every caller
   * after this one. So it is prepared anew.
   */
  #failure(error: unknown, sql: string): TargetError {
    this.#statements.delete(sql)
    return this.#database.failure(error)
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }
}
