import { errorAt, errorText } from '../core/error-text.ts'
import { ForgebenchError, TargetError, UsageError } from '../core/errors.ts'
import type { BuilderFill, Dataset } from '../scenario/dataset.ts'
import { whileUserCodeRuns } from '../scenario/script/script-being-loaded.ts'
import type { IdKind } from '../scenario/value.ts'
import { applyPlan } from '../schema/apply.ts'
import { datasetMigrations, ownInitial, type RecordedMigration } from '../schema/dataset-migrations.ts'
import { planMigrations } from '../schema/migration-plan.ts'
import { readRecord, recordMigration } from '../schema/migration-record.ts'
import type { SchemaSource } from '../schema/schema-source.ts'
import { emptySchemaState } from '../schema/schema-state.ts'
import { asFileError } from '../target/file-error.ts'
import { inspectFile } from '../target/location.ts'
import { NativeConnection } from '../target/native.ts'
import { refuseUnreadable } from '../target/refuse-unreadable.ts'
import { copyDatabase } from './copy-database.ts'
import { digestOfDatabase, digestOfRows } from './data-digest.ts'
import type { FillOptions } from './fill-options.ts'
import { insertRows } from './insert-rows.ts'
import { runFillCommand } from './run-fill-command.ts'
import { runSqlFiles } from './run-sql-files.ts'

/** The rows of a dataset that are asked for. */
export interface DataOrder {
  readonly scale: number
  readonly seed: number
  /** Version of the UUIDs. */
  readonly ids: IdKind
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
  const { name, fill, schema } = dataset
  if (fill.kind === 'builder') {
    const digest = await buildFile(name, fill, { ...order, ...options, path })
    await refuseOther(path, `dataset ${name}: build`)
    return { digest, recorded: [] }
  }
  if (fill.kind === 'file') {
    await copyDatabase(fill.path, path)
    if ((await digestOfDatabase(path)) !== filesDigest)
      throw new TargetError('TARGET_BUSY', `${fill.path}: was written to while it was copied; run again`)
  } else if (schema !== undefined) await makeTables(path, schema)
  if (fill.kind === 'generator') {
    await whileUserCodeRuns(() =>
      withDatabase(path, (connection) => insertRows(connection, fill, { ...order, dataset: name }, options)),
    )
  }
  if (fill.kind === 'sql') {
    await whileUserCodeRuns(() =>
      withDatabase(path, (connection) => runSqlFiles(connection, fill.files, options.signal)),
    )
  }
  if (fill.kind === 'command') {
    await runFillCommand(fill, { ...order, path }, options.signal)
    await refuseOther(path, fill.command)
  }
  return await withDatabase(path, (connection) =>
    factsOf(connection, path, fill.kind === 'file' ? filesDigest : undefined),
  ).catch((error: unknown) => {
    throw errorAt(fill.kind === 'file' ? fill.path : `dataset ${name}`, error, [path])
  })
}

async function factsOf(
  connection: NativeConnection,
  path: string,
  digest: string | undefined,
): Promise<FilledFacts> {
  refuseUnreadable(connection, path)
  connection.querySync('PRAGMA wal_checkpoint(TRUNCATE)')
  connection.querySync('PRAGMA journal_mode = DELETE')
  const recorded = await readRecord(connection)
  if (!recorded.some(({ id }) => id === 'initial')) await recordMigration(connection, ownInitial, appliedAt)
  return { digest: digest ?? (await digestOfRows(connection)), recorded: await readRecord(connection) }
}

async function buildFile(
  name: string,
  { build }: BuilderFill,
  order: Parameters<BuilderFill['build']>[0],
): Promise<string> {
  const place = `dataset ${name}: build`
  let built: unknown
  try {
    built = await build(order)
  } catch (thrown) {
    const error = asFileError(thrown, order.path)
    if (error instanceof ForgebenchError) throw error
    throw new UsageError('DATASET_BUILD', `${place} threw ${errorText(error)}`, { cause: error })
  }
  const { digest } = Object(built) as { digest?: unknown }
  if (typeof digest === 'string' && digest !== '') return digest
  throw new UsageError('DATASET_BUILD', `${place} returned no digest; return { digest } of its rows`)
}

/** Refuses what is no database where a program or a function of the user was to make one. */
async function refuseOther(path: string, maker: string): Promise<void> {
  const found = await inspectFile(path, 'write').catch((error: unknown) => {
    if (error instanceof ForgebenchError) return error.code
    throw error
  })
  if (found === 'database') return
  const left: Readonly<Record<string, string>> = {
    absent: 'no file',
    empty: 'an empty file',
    TARGET_NOT_FOUND: 'no folder',
    TARGET_IS_DIRECTORY: 'a directory',
    TARGET_NOT_A_DATABASE: 'a file that is no SQLite database',
    TARGET_READ_ONLY: 'a file without the right to read and write it',
  }
  throw new UsageError(
    'DATASET_FILE',
    `${maker} left ${left[found] ?? 'what cannot be opened'} at the path it was given; it has to make a database there`,
  )
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
