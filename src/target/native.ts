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
import { EmbeddedDatabase, type OpenOptions } from './embedded-database.ts'
import type { NativeStatement, OpenNative } from './native-database.ts'

/** A file through a synchronous driver, the `libsql` package unless told otherwise: one connection. */
export class NativeConnection implements Connection {
  readonly #path: string
  readonly #database: EmbeddedDatabase

  constructor(path: string, options: OpenOptions = {}, openNative?: OpenNative) {
    this.#path = path
    this.#database = new EmbeddedDatabase(path, options, undefined, openNative)
  }

  /** Prepares a statement; rows come as arrays. */
  prepare(sql: string): NativeStatement {
    return this.#database.prepare(sql)
  }

  querySync(sql: string, args: Row = []): Rows {
    const { columns, rows } = this.#exactRows(sql, args)
    return { columns, rows: rows.map(withNumbers) }
  }

  #exactRows(sql: string, args: Row): Rows {
    const statement = this.prepare(sql)
    if (!statement.reader) {
      throw new TargetError('TARGET_SQL', `${this.#path}: not a query: ${sql.trim().slice(0, 80)}`)
    }
    return this.#database.guard(() => ({
      columns: statement.columns().map((column) => column.name),
      rows: statement.safeIntegers(true).all(bindable(args)),
    }))
  }

  executeSync(sql: string, args: Row = []): { readonly rowsChanged: number } {
    const statement = this.prepare(sql)
    return this.#database.guard(() => ({ rowsChanged: changeOf(statement)(bindable(args)) }))
  }

  scriptSync(sql: string): void {
    this.#database.exec(sql)
  }

  /** True between BEGIN and COMMIT or ROLLBACK. */
  get inTransaction(): boolean {
    return this.#database.inTransaction
  }

  async query(sql: string, args: Row = []): Promise<Rows> {
    return this.querySync(sql, args)
  }

  async queryExact(sql: string, args: Row): Promise<Rows> {
    return this.#exactRows(sql, args)
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
      this.#database.rollback()
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
    return { kind: 'sync', run: (args) => this.#database.guard(() => run(args)) }
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
        this.#database.rollback()
        throw error
      }
      return rowsChanged
    }
    return { kind: 'sync', run: (argsList) => this.#database.guard(() => run(argsList)) }
  }

  /** Statements for a timing loop, prepared anew when the connection has been. */
  #kept(texts: readonly string[]): () => NativeStatement[] {
    let statements: NativeStatement[] = []
    let opened = 0
    return () => {
      if (this.#database.isStale || opened !== this.#database.openings) {
        statements = texts.map((text) => this.prepare(text))
        opened = this.#database.openings
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
