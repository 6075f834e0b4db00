import { TargetError } from '../core/errors.ts'
import { bindable, withNumbers } from './bindable.ts'
import type {
  Connection,
  Row,
  Rows,
  TimedStatement,
  TimedTransaction,
  TransactionMode,
} from './connection.ts'
import { targetErrorCode, type TargetErrorCode } from './error-code.ts'
import { fileUri } from './location.ts'
import { openNativeDriver, type NativeDatabase, type NativeStatement } from './native-driver.ts'

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
export function asTargetError(error: unknown, path: string): TargetError {
  if (error instanceof TargetError) return error
  const [message] = (error instanceof Error ? error.message : String(error)).split('\n')
  const code = targetErrorCode(error)
  return new TargetError(code, `${path}: ${message}${hints[code] ?? ''}`, { cause: error })
}

/** The embedded engine through the `libsql` package: synchronous inside, one connection. */
export class NativeConnection implements Connection {
  readonly driver = 'libsql'
  readonly #path: string
  readonly #options: OpenOptions
  #database: NativeDatabase
  #poisoned = false
  /** How many connections there have been. */
  #opened = 0

  constructor(path: string, options: OpenOptions = {}) {
    this.#path = path
    this.#options = options
    this.#database = this.#open()
  }

  #open(): NativeDatabase {
    const { busyTimeoutMs = 0, readOnly = false, pragmas = [] } = this.#options
    const name = readOnly ? `${fileUri(this.#path)}?mode=ro` : this.#path
    return this.#guard(() => {
      const database = openNativeDriver(name, busyTimeoutMs)
      for (const pragma of pragmas) database.prepare(pragma).all([])
      this.#opened += 1
      return database
    })
  }

  /**
   * A statement that failed with SQLITE_BUSY is never reset by the driver and poisons its connection: later
   * writes are acknowledged and lost (libsql-client-ts issue 352). So BUSY makes the next call reopen.
   */
  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      const mapped = asTargetError(error, this.#path)
      if (mapped.code === 'TARGET_BUSY') this.#poisoned = true
      throw mapped
    }
  }

  get #live(): NativeDatabase {
    if (this.#poisoned && !this.#database.inTransaction) {
      this.#database.close()
      this.#database = this.#open()
      this.#poisoned = false
    }
    return this.#database
  }

  /** Prepares a statement; rows come as arrays. */
  prepare(sql: string): NativeStatement {
    const statement = this.#guard(() => this.#live.prepare(sql))
    return statement.reader ? statement.raw(true) : statement
  }

  querySync(sql: string, args: Row = []): Rows {
    const statement = this.prepare(sql)
    if (!statement.reader) {
      throw new TargetError('TARGET_SQL', `${this.#path}: not a query: ${sql.trim().slice(0, 80)}`)
    }
    return this.#guard(() => ({
      columns: statement.columns().map((column) => column.name),
      rows: statement.safeIntegers(true).all(bindable(args)).map(withNumbers),
    }))
  }

  executeSync(sql: string, args: Row = []): { readonly rowsChanged: number } {
    const statement = this.prepare(sql)
    return this.#guard(() => ({ rowsChanged: changeOf(statement)(bindable(args)) }))
  }

  scriptSync(sql: string): void {
    this.#guard(() => this.#live.exec(sql))
  }

  /** True between BEGIN and COMMIT or ROLLBACK. */
  get inTransaction(): boolean {
    return this.#database.inTransaction
  }

  async query(sql: string, args: Row = []): Promise<Rows> {
    return this.querySync(sql, args)
  }

  async execute(sql: string, args: Row = []): Promise<{ readonly rowsChanged: number }> {
    return this.executeSync(sql, args)
  }

  async script(sql: string): Promise<void> {
    this.scriptSync(sql)
  }

  async transaction<T>(mode: TransactionMode, work: () => Promise<T>): Promise<T> {
    this.scriptSync(mode === 'write' ? 'BEGIN IMMEDIATE' : 'BEGIN')
    try {
      const result = await work()
      this.scriptSync('COMMIT')
      return result
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  prepareTimed(sql: string): TimedStatement {
    const current = this.#kept([sql])
    const isQuery = current()[0]!.reader
    const run = (args: Row): number => {
      const statement = current()[0]!
      return isQuery ? statement.all(args).length : statement.run(args).changes
    }
    return { kind: 'sync', run: (args) => this.#guard(() => run(args)) }
  }

  prepareTimedTransaction(sql: string): TimedTransaction {
    const current = this.#kept(['BEGIN IMMEDIATE', sql, 'COMMIT'])
    const isQuery = current()[1]!.reader
    const run = (argsList: readonly Row[]): number => {
      const [begin, statement, commit] = current()
      const change = changeOf(statement!, isQuery)
      let rowsChanged = 0
      try {
        begin!.run([])
        for (const args of argsList) rowsChanged += change(args)
        commit!.run([])
      } catch (error) {
        if (this.#database.inTransaction) this.#database.exec('ROLLBACK')
        throw error
      }
      return rowsChanged
    }
    return { kind: 'sync', run: (argsList) => this.#guard(() => run(argsList)) }
  }

  /** Statements for a timing loop, prepared anew when the connection has been. */
  #kept(texts: readonly string[]): () => NativeStatement[] {
    let statements: NativeStatement[] = []
    let opened = 0
    return () => {
      if (this.#poisoned || opened !== this.#opened) {
        statements = texts.map((text) => this.prepare(text))
        opened = this.#opened
      }
      return statements
    }
  }

  close(): void {
    this.#database.close()
  }
}

/**
 * Runs a statement for its effect, and gives the number of rows changed. `run` would leave one with RETURNING half way,
 * and the next COMMIT would be refused: all of its rows are read.
 */
const changeOf = (statement: NativeStatement, isQuery = statement.reader): ((args: Row) => number) =>
  isQuery ? (args) => statement.all(args).length : (args) => statement.run(args).changes
