import Database from 'libsql'
import { TargetError } from '../core/errors.ts'
import { targetErrorCode, type TargetErrorCode } from './error-code.ts'
import { fileUri } from './location.ts'
import type { NativeDatabase, NativeStatement, OpenNative } from './native-database.ts'

export interface OpenOptions {
  /** SQLite's busy timeout in milliseconds; the drivers' default is 0. */
  readonly busyTimeoutMs?: number
  /** Opens the file read-only: any write fails with TARGET_READ_ONLY. */
  readonly readOnly?: boolean
  /** Statements run on every (re)opened connection, such as `PRAGMA cache_size = -65536`. */
  readonly pragmas?: readonly string[]
}

const hints: Readonly<Partial<Record<TargetErrorCode, string>>> = {
  TARGET_BUSY: '; another process holds it: let it finish, then try again',
  TARGET_DISK_FULL: '; free room, then try again',
}

/** Wraps a driver's error in ours, with the first line of its message. */
export function asTargetError(error: unknown, path: string, codeOf = targetErrorCode): TargetError {
  if (error instanceof TargetError) return error
  const [message] = (error instanceof Error ? error.message : String(error)).split('\n')
  const code = codeOf(error)
  return new TargetError(code, `${path}: ${message}${hints[code] ?? ''}`, { cause: error })
}

/** SQLite takes an empty path for a new database, which is there until it is closed: that is never what is asked for. */
export function refuseEmptyPath(path: string): void {
  if (path === '') throw new RangeError('a database was to be opened without a path')
}

/** The `libsql` package; its own types describe another one. */
const openLibsql: OpenNative = (path, { busyTimeoutMs, readOnly }) =>
  new Database(readOnly ? `${fileUri(path)}?mode=ro` : path, {
    timeout: busyTimeoutMs,
  } as never) as unknown as NativeDatabase

/**
 * One connection of a synchronous driver, libSQL's own unless told otherwise, to one file, and the guard against its lost writes: a statement that failed with
 * SQLITE_BUSY is never reset by the driver and poisons its connection, so that later writes are acknowledged and lost
 * (libsql-client-ts issue 352). So BUSY makes the next use open it anew, whatever the driver: it costs the others nothing.
 */
export class EmbeddedDatabase {
  readonly #path: string
  readonly #options: OpenOptions
  readonly #beforeReopening: () => void
  readonly #openNative: OpenNative
  #database: NativeDatabase
  #poisoned = false
  #openings = 0

  /** @throws RangeError for an empty path; TargetError */
  constructor(
    path: string,
    options: OpenOptions,
    beforeReopening: () => void = () => undefined,
    openNative: OpenNative = openLibsql,
  ) {
    refuseEmptyPath(path)
    this.#path = path
    this.#options = options
    this.#beforeReopening = beforeReopening
    this.#openNative = openNative
    this.#database = this.#open()
  }

  #open(): NativeDatabase {
    const { busyTimeoutMs = 0, readOnly = false, pragmas = [] } = this.#options
    return this.guard(() => {
      const database = this.#openNative(this.#path, { busyTimeoutMs, readOnly })
      for (const pragma of pragmas) {
        const statement = database.prepare(pragma)
        if (statement.reader) statement.all([])
        else statement.run([])
      }
      this.#openings += 1
      return database
    })
  }

  /** How many connections there have been: statements of an earlier one are void. */
  get openings(): number {
    return this.#openings
  }

  /** Whether the next statement will be prepared on a new connection: not in the middle of a transaction. */
  get isStale(): boolean {
    return this.#poisoned && !this.#database.inTransaction
  }

  /** True between BEGIN and COMMIT or ROLLBACK; false again when the engine itself has rolled back after an error. */
  get inTransaction(): boolean {
    return this.#database.inTransaction
  }

  #live(): NativeDatabase {
    if (this.isStale) {
      this.#beforeReopening()
      this.#database.close()
      this.#database = this.#open()
      this.#poisoned = false
    }
    return this.#database
  }

  /** Prepares a statement; rows come as arrays. */
  prepare(sql: string): NativeStatement {
    return this.guard(() => {
      const statement = this.#live().prepare(sql)
      return statement.reader ? statement.raw(true) : statement
    })
  }

  exec(sql: string): void {
    this.guard(() => this.#live().exec(sql))
  }

  /** Undoes the open transaction, if there is one. */
  rollback(): void {
    if (this.#database.inTransaction) this.guard(() => this.#database.exec('ROLLBACK'))
  }

  /** Does what may fail in the driver. @throws TargetError */
  guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw this.failure(error)
    }
  }

  /** What the driver threw, as our error; remembers that the connection is poisoned. */
  failure(error: unknown): TargetError {
    const mapped = asTargetError(error, this.#path)
    if (mapped.code === 'TARGET_BUSY') this.#poisoned = true
    return mapped
  }

  close(): void {
    this.#database.close()
  }
}
