import { TargetError } from '../core/errors.ts'
import type { Row, SqlValue } from './connection.ts'
import { asTargetError, EmbeddedDatabase, type OpenOptions } from './embedded-database.ts'
import type { NativeStatement } from './native-database.ts'
import { statSync } from 'node:fs'

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
   * Makes sure that what is written will be found by whoever opens the path: call it after COMMIT and before it is
   * acknowledged. It takes some microseconds.
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

/** The files that hold a database in WAL mode. */
const suffixes = ['', '-wal']

/**
 * Remembers which files a connection has open, and says when one of their paths leads elsewhere: it was replaced or
 * deleted, and what is written from then on is lost.
 */
class FileIdentity {
  readonly #path: string
  readonly #known: (number | undefined)[]

  /** Looks at the files as they are now; those that are not there yet are remembered when they come. */
  constructor(path: string) {
    this.#path = path
    this.#known = suffixes.map((suffix) => inodeOf(path + suffix))
  }

  /** False when a file that was there has been replaced or deleted. Takes some microseconds. */
  isInPlace(): boolean {
    for (const [index, suffix] of suffixes.entries()) {
      const inode = inodeOf(this.#path + suffix)
      const known = (this.#known[index] ??= inode)
      if (inode !== known) return false
    }
    return true
  }
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino
