import { bindable, withNumbers } from '../bindable.ts'
import type {
  Connection,
  ExplainRow,
  Row,
  Rows,
  SqlValue,
  TimedStatement,
  TimedTransaction,
  TransactionMode,
} from '../connection.ts'
import type { Driver } from '../driver.ts'
import { asTargetError, refuseEmptyPath, type OpenOptions } from '../embedded-database.ts'
import type { TargetErrorCode } from '../error-code.ts'
import { explainRow } from '../explain.ts'
import { findOptionalPackage } from '../optional-package.ts'

/** Turso's rewrite of SQLite, in this process. */
export const driver: Driver = {
  usesEmbeddedLibsql: false,
  lacks: [
    'VM steps and the other counters of statements',
    'sizes of tables and indexes (dbstat), which are those that libSQL wrote',
    'PRAGMA wal_autocheckpoint, so that its checkpoints fall into timed writes',
  ],
  open: (path, options) => TursoConnection.open(path, options),
  versions: async () => {
    const connection = await TursoConnection.open(':memory:', {})
    const { rows } = await connection.query('SELECT sqlite_version()')
    await connection.close()
    return { version: find().version, sqlite: String(rows[0]?.[0]) }
  },
}

const find = (): ReturnType<typeof findOptionalPackage> =>
  findOptionalPackage('@tursodatabase/database', '@tursodatabase/database@0.7')

/** The parts of the package that we use. */
interface Statement {
  readonly reader: boolean
  raw(on: boolean): Statement
  safeIntegers(on: boolean): Statement
  columns(): readonly { readonly name: string }[]
  run(args: readonly SqlValue[]): Promise<{ readonly changes: number }>
  all(args: readonly SqlValue[]): Promise<SqlValue[][]>
  close(): void
}

interface Database {
  prepare(sql: string): Statement
  exec(sql: string): Promise<void>
  close(): Promise<void>
  readonly inTransaction: boolean
}

interface Package {
  readonly connect: (
    path: string,
    options: { readonly readonly: boolean; readonly timeout: number },
  ) => Promise<Database>
}

class TursoConnection implements Connection {
  readonly #path: string
  readonly #database: Database

  private constructor(path: string, database: Database) {
    this.#path = path
    this.#database = database
  }

  static async open(path: string, options: OpenOptions): Promise<TursoConnection> {
    refuseEmptyPath(path)
    const { connect } = (await find().load()) as Package
    const { readOnly = false, busyTimeoutMs = 0, pragmas = [] } = options
    try {
      const database = await connect(path, { readonly: readOnly, timeout: busyTimeoutMs })
      const connection = new TursoConnection(path, database)
      // The other drivers have foreign keys on from the start.
      for (const pragma of ['PRAGMA foreign_keys = ON', ...pragmas]) await connection.query(pragma)
      return connection
    } catch (error) {
      throw asTargetError(error, path, tursoErrorCode)
    }
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw asTargetError(error, this.#path, tursoErrorCode)
    }
  }

  async #with<T>(sql: string, work: (statement: Statement) => Promise<T>): Promise<T> {
    return this.#guard(async () => {
      const statement = this.#database.prepare(sql)
      try {
        return await work(statement.raw(true).safeIntegers(true))
      } finally {
        statement.close()
      }
    })
  }

  async query(sql: string, args: Row = []): Promise<Rows> {
    const { columns, rows } = await this.queryExact(sql, args)
    return { columns, rows: rows.map(withNumbers) }
  }

  async queryExact(sql: string, args: Row): Promise<Rows> {
    return this.#with(sql, async (statement) => ({
      columns: statement.columns().map(({ name }) => name),
      rows: await statement.all(bindable(args)),
    }))
  }

  async execute(sql: string, args: Row = []): Promise<{ readonly rowsChanged: number }> {
    return this.#with(sql, async (statement) => ({ rowsChanged: await changeOf(statement, bindable(args)) }))
  }

  async script(sql: string): Promise<void> {
    await this.#guard(() => this.#database.exec(sql))
  }

  async transaction<T>(mode: TransactionMode, work: () => Promise<T>): Promise<T> {
    await this.script(mode === 'write' ? 'BEGIN IMMEDIATE' : 'BEGIN')
    try {
      const result = await work()
      await this.script('COMMIT')
      return result
    } catch (error) {
      await this.#rollback()
      throw error
    }
  }

  async #rollback(): Promise<void> {
    if (this.#database.inTransaction) await this.script('ROLLBACK')
  }

  async explain(sql: string, args: Row): Promise<readonly ExplainRow[]> {
    const { rows } = await this.query(`EXPLAIN QUERY PLAN ${sql}`, args)
    return rows.map(explainRow)
  }

  prepareTimed(sql: string): TimedStatement {
    const statement = this.#prepared(sql)
    return {
      kind: 'async',
      run: async (args) => {
        try {
          return await changeOf(statement, args)
        } catch (error) {
          throw asTargetError(error, this.#path, tursoErrorCode)
        }
      },
    }
  }

  prepareTimedTransaction(sql: string): TimedTransaction {
    const statement = this.#prepared(sql)
    const [begin, commit] = [this.#prepared('BEGIN IMMEDIATE'), this.#prepared('COMMIT')]
    return {
      kind: 'async',
      run: async (argsList) => {
        try {
          let rowsChanged = 0
          await begin.run([])
          for (const args of argsList) rowsChanged += await changeOf(statement, args)
          await commit.run([])
          return rowsChanged
        } catch (error) {
          await this.#rollback()
          throw asTargetError(error, this.#path, tursoErrorCode)
        }
      },
    }
  }

  #prepared(sql: string): Statement {
    try {
      return this.#database.prepare(sql).raw(true)
    } catch (error) {
      throw asTargetError(error, this.#path, tursoErrorCode)
    }
  }

  async close(): Promise<void> {
    await this.#database.close()
  }
}

/** Rows that a query returned, or that a statement changed. */
const changeOf = async (statement: Statement, args: Row): Promise<number> =>
  statement.reader ? (await statement.all(args)).length : (await statement.run(args)).changes

/** Its errors have no result codes: what its messages of version 0.7 say. */
const byMessage: readonly (readonly [RegExp, TargetErrorCode])[] = [
  [/database is locked|database is busy|write-write conflict|schema has changed/i, 'TARGET_BUSY'],
  [/constraint/i, 'TARGET_CONSTRAINT'],
  [/read-?only/i, 'TARGET_READ_ONLY'],
  [/database or disk is full|no space left/i, 'TARGET_DISK_FULL'],
  [/entity not found|unable to open|no such file/i, 'TARGET_NOT_FOUND'],
  [/not a database|in database header/i, 'TARGET_NOT_A_DATABASE'],
  [/corrupt|malformed/i, 'TARGET_CORRUPT'],
  [/^prepare failed|parse error|runtime error|syntax error/i, 'TARGET_SQL'],
]

function tursoErrorCode(error: unknown): TargetErrorCode {
  const text = error instanceof Error ? error.message : ''
  return byMessage.find(([pattern]) => pattern.test(text))?.[1] ?? 'TARGET_FAILED'
}
