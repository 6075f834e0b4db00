import { setImmediate } from 'node:timers/promises'
import { errorText } from '../core/error-text.ts'
import { ForgebenchError, InterruptedError, TargetError, UsageError } from '../core/errors.ts'

import { randomSequence, streamKey } from '../random/random.ts'
import type { Dataset, GeneratedRow, GeneratorFill } from '../scenario/dataset.ts'
import { whileUserCodeRuns } from '../scenario/script/script-being-loaded.ts'
import type { IdKind } from '../scenario/value.ts'
import { applyPlan } from '../schema/apply.ts'
import { datasetMigrations, ownInitial, type RecordedMigration } from '../schema/dataset-migrations.ts'
import { planMigrations } from '../schema/migration-plan.ts'
import { readRecord, recordMigration } from '../schema/migration-record.ts'
import type { SchemaSource } from '../schema/schema-source.ts'
import { emptySchemaState } from '../schema/schema-state.ts'
import { sqlFilePieces } from '../schema/sql-file.ts'
import { leadingWords, scriptStatements } from '../schema/statements.ts'
import { bindable } from '../target/bindable.ts'
import { NativeConnection } from '../target/native.ts'
import { quoteIdentifier } from '../target/quote-identifier.ts'
import { refuseUnreadable } from '../target/refuse-unreadable.ts'
import { copyDatabase } from './copy-database.ts'
import { digestOfDatabase, digestOfRows } from './data-digest.ts'
import { runFillCommand } from './run-fill-command.ts'

/** The rows of a dataset that are asked for. */
export interface DataOrder {
  readonly scale: number
  readonly seed: number
  /** Version of the UUIDs. */
  readonly ids: IdKind
}

export interface FillOptions {
  readonly signal: AbortSignal
  readonly onProgress: (rowsDone: number, rowsTotal: number) => void
}

/** What is known of a filled database. */
export interface FilledFacts {
  /** Equal for equal rows. */
  readonly digest: string
  /** Migrations that it records, where its fill brought its tables; else its schema says which there are. */
  readonly recorded: readonly RecordedMigration[]
}

/** Always the same, so that equal rows make equal files. */
const appliedAt = '2000-01-01 00:00:00'
const pragmas = ['PRAGMA journal_mode = MEMORY', 'PRAGMA synchronous = OFF', 'PRAGMA foreign_keys = OFF']

/**
 * Makes the database of a dataset at a path: its tables with their rows.
 * @param filesDigest of what it is filled from, where that is files
 * @throws UsageError or TargetError that says what in the dataset is wrong; InterruptedError
 */
export async function fillDatabase(
  dataset: Dataset,
  order: DataOrder,
  path: string,
  filesDigest: string,
  options: FillOptions,
): Promise<FilledFacts> {
  const { fill, schema } = dataset
  if (fill.kind === 'builder') {
    const { digest } = await fill.build({ ...order, ...options, path })
    return { digest, recorded: [] }
  }
  if (fill.kind === 'file') {
    await copyDatabase(fill.path, path)
    if ((await digestOfDatabase(path)) !== filesDigest)
      throw new TargetError('TARGET_BUSY', `${fill.path}: was written to while it was copied; run again`)
  } else if (schema !== undefined) await makeTables(path, schema)
  if (fill.kind === 'generator')
    await whileUserCodeRuns(() => insertRows(path, fill, order, dataset.name, options))
  if (fill.kind === 'sql')
    for (const file of fill.files) await whileUserCodeRuns(() => runSqlFile(path, file, options.signal))
  if (fill.kind === 'command') await runFillCommand(fill, { ...order, path }, options.signal)
  return await withDatabase(path, async (connection) => {
    refuseUnreadable(connection, path)
    connection.querySync('PRAGMA wal_checkpoint(TRUNCATE)')
    connection.querySync('PRAGMA journal_mode = DELETE')
    const recorded = await readRecord(connection)
    if (!recorded.some(({ id }) => id === 'initial')) await recordMigration(connection, ownInitial, appliedAt)
    const digest = fill.kind === 'file' ? filesDigest : await digestOfRows(connection)
    return { digest, recorded: await readRecord(connection) }
  })
}

async function withDatabase<T>(path: string, work: (connection: NativeConnection) => Promise<T>): Promise<T> {
  const connection = new NativeConnection(path, { pragmas })
  try {
    return await work(connection)
  } finally {
    connection.close()
  }
}

async function makeTables(path: string, schema: SchemaSource): Promise<void> {
  const migrations = await datasetMigrations(schema)
  const plan = planMigrations(migrations, emptySchemaState, { direction: 'up', names: ['initial'] })
  await withDatabase(path, (connection) => applyPlan(connection, plan, { appliedAt }))
}

/** Between so many rows a signal gets its turn. */
const rowsAtOnce = 5000

async function insertRows(
  path: string,
  { rows }: GeneratorFill,
  { scale, seed }: DataOrder,
  dataset: string,
  { signal, onProgress }: FillOptions,
): Promise<void> {
  let count = 0
  await withDatabase(path, async (connection) => {
    const inserts = new Map<string, ReturnType<NativeConnection['prepareTimed']>>()
    connection.scriptSync('BEGIN')
    for await (const generated of rows({ scale, seed, random: randomSequence(streamKey(seed, dataset)) })) {
      count += 1
      const [table, row] = checkedRow(generated)
      const sql = insertInto(table, Object.keys(row))
      const insert = inserts.get(sql) ?? connection.prepareTimed(sql)
      inserts.set(sql, insert)
      await insert.run(bindable(Object.values(row)))
      if (count % rowsAtOnce > 0) continue
      onProgress(count, count)
      await setImmediate()
      if (signal.aborted) throw new InterruptedError()
    }
    connection.scriptSync('COMMIT')
  }).catch((error: unknown) => {
    throw rowError(error, dataset, count, path)
  })
}

const insertInto = (table: string, columns: readonly string[]): string =>
  `INSERT INTO ${quoteIdentifier(table)} (${columns.map(quoteIdentifier).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`

/** What a generator yields is known only now. */
function checkedRow(generated: unknown): GeneratedRow {
  const [table, row] = Array.isArray(generated) ? (generated as readonly unknown[]) : []
  if (typeof table !== 'string' || typeof row !== 'object' || row === null) {
    throw new UsageError('DATASET_ROW', "yield ['table', { column: value }]")
  }
  const wrong = Object.entries(row).find(([, value]) => value === undefined || typeof value === 'boolean')
  if (wrong === undefined) return [table, row as GeneratedRow[1]]
  throw new UsageError(
    'DATASET_ROW',
    `${table}.${wrong[0]} is ${String(wrong[1])}; give null, a number, a text or bytes (1 and 0 for booleans)`,
  )
}

/** What happened to the file, and says nothing of the rows. */
const isOfFile = (error: unknown): boolean =>
  error instanceof TargetError && ['TARGET_DISK_FULL', 'TARGET_BUSY', 'TARGET_READ_ONLY'].includes(error.code)

function rowError(error: unknown, dataset: string, row: number, path: string): unknown {
  const place = `dataset ${dataset}: row ${row}`
  if (error instanceof InterruptedError || isOfFile(error)) return error
  const text = errorText(error).replace(`${path}: `, '')
  if (error instanceof ForgebenchError)
    return new UsageError('DATASET_ROW', `${place}: ${text}`, { cause: error })
  return new UsageError('DATASET_ROW', `${place}: the generator threw ${text}`, { cause: error })
}

/** What dumps write around their statements: each file is one transaction here, without foreign keys. */
const aroundDump = new Set(['BEGIN', 'COMMIT', 'END', 'PRAGMA'])

async function runSqlFile(path: string, file: string, signal: AbortSignal): Promise<void> {
  await withDatabase(path, async (connection) => {
    let count = 0
    connection.scriptSync('BEGIN')
    for (const { text, line } of scriptStatements(sqlFilePieces(file))) {
      if (aroundDump.has(leadingWords(text, 1)[0] ?? '')) continue
      try {
        connection.scriptSync(text)
      } catch (error) {
        if (isOfFile(error)) throw error
        const text = errorText(error).replace(`${path}: `, '')
        throw new UsageError('DATASET_SQL', `${file}:${line}: ${text}`, { cause: error })
      }
      if ((count += 1) % rowsAtOnce > 0) continue
      await setImmediate()
      if (signal.aborted) throw new InterruptedError()
    }
    connection.scriptSync('COMMIT')
  })
}
