import { open, rename } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { InterruptedError, UsageError } from '../../core/errors.ts'
import { recordMigration } from '../../schema/migration-record.ts'
import { readMigrations, type Migration } from '../../schema/migration.ts'
import { NativeConnection } from '../../target/native.ts'
import { generateBlocks } from './block-workers.ts'
import { DigestBuilder, type SeedDigest } from './digest.ts'
import { buildPragmas, closeBuilt, createEmptyDatabase, splitIndexes } from './file/empty-database.ts'
import { existingMigrations, settle } from './file/existing-database.ts'
import { asSeedError } from './seed-error.ts'
import { migrationsFolder } from '../migrations-folder.ts'
import { generatorVersion } from './generator-version.ts'
import { makeWal, PageFile } from './file/page-file.ts'
import { createGeneration, type Generation, type SeedPlan } from './plan.ts'
import { checkSeed, rowCounts, tableNames, totalRows, type TableName } from './scale.ts'
import { seedRecordStatements, type SeedRecord } from './seed-record.ts'
import { removeAbandoned, removeDatabase, seedingPath } from './file/seeding-file.ts'
import { TableTree } from './file/table-tree.ts'
import { anchorMs, timestamp } from './rows/timeline.ts'
import { buildVocabulary } from './vocabulary.ts'

export interface SeedOptions extends SeedPlan {
  /** Absolute path of the database file. */
  readonly path: string
  /** Threads that generate; 0 generates in this one. Default: one per core, none for small databases. */
  readonly workers?: number
  /** Rows per hand-over from a thread, rounded up to whole blocks. No effect on the rows. */
  readonly batchRows?: number
  /** Replaces a database that has rows. */
  readonly replace?: boolean
  readonly signal?: Pick<AbortSignal, 'aborted'>
  /** Called after every block of rows, and before every index with what is being built. */
  readonly onProgress?: ((rowsDone: number, rowsTotal: number, step: string) => void) | undefined
}

/** What was made, and how long it took. */
export interface SeedSummary extends SeedRecord {
  readonly path: string
  readonly elapsedMs: number
  readonly rowsPerSecond: number
}

const smallRows = 40_000
const mostWorkers = 4
const blockOfRows = 11_000

/**
 * Fills a new database with prompts, evaluations and test results: complete under its name, or not there at all.
 * It is built beside its place and renamed; a database that is replaced stays whole until then.
 * @throws UsageError for a bad scale, seed or path, or rows without `replace`; TargetError when the disk or the
 * engine fails; InterruptedError when `signal` aborts
 */
export async function seedDatabase(options: SeedOptions): Promise<SeedSummary> {
  const started = performance.now()
  const { path, scale, seed, ids } = options
  checkSeed(seed)
  const rows = rowCounts(scale)
  const applied = await existingMigrations(path, options.replace ?? false)
  const [initial, ...later] = await chooseMigrations(applied)
  await removeAbandoned(path)
  const temporary = seedingPath(path)
  try {
    const generation = createGeneration({ scale, seed, ids }, buildVocabulary(seed))
    const { tables, indexes } = splitIndexes(initial!)
    const digest = await fillTables(temporary, generation, createEmptyDatabase(temporary, tables), options)
    const record = { seed, scale, ids, generatorVersion, schemaChecksum: initial!.checksum, digest, rows }
    await finishSchema(temporary, indexes, [initial!, ...later], record, options)
    await publish(temporary, path, applied !== undefined)
    const elapsedMs = Math.round(performance.now() - started)
    const rowsPerSecond = Math.round((totalRows(rows) / elapsedMs) * 1000)
    return { ...record, path, elapsedMs, rowsPerSecond }
  } catch (error) {
    await removeDatabase(temporary)
    throw asSeedError(error, path)
  }
}

/** The initial migration first, then what the existing database had on top of it. */
async function chooseMigrations(applied: readonly string[] | undefined): Promise<readonly Migration[]> {
  const known = await readMigrations(migrationsFolder)
  const wanted = ['initial', ...(applied ?? []).filter((id) => id !== 'initial')]
  return wanted.map((id) => {
    const migration = known.find((migration) => migration.id === id)
    if (migration === undefined) {
      throw new UsageError('SEED_MIGRATION', `migration «${id}» of the database is not in migrations/`)
    }
    return migration
  })
}

function checkSignal(signal: SeedOptions['signal']): void {
  if (signal?.aborted) throw new InterruptedError()
}

async function fillTables(
  path: string,
  generation: Generation,
  roots: Readonly<Record<TableName, number>>,
  options: SeedOptions,
): Promise<SeedDigest> {
  const total = totalRows(generation.counts)
  const automatic = total < smallRows ? 0 : Math.min(availableParallelism(), mostWorkers)
  const blocksPerBatch = Math.max(1, Math.ceil((options.batchRows ?? 1) / blockOfRows))
  const file = await PageFile.open(path)
  try {
    const trees = new Map(tableNames.map((table) => [table, new TableTree(file)]))
    const digest = new DigestBuilder()
    let done = 0
    for await (const encoded of generateBlocks(generation, options.workers ?? automatic, blocksPerBatch)) {
      checkSignal(options.signal)
      for (const { table, hash, packed, rows } of encoded) {
        digest.addBlock(table, hash)
        const pages = await file.append(packed)
        for (const [index, page] of pages.entries())
          await trees.get(table)!.add(page, packed.leafRowids[index]!)
        done += rows
      }
      options.onProgress?.(done, total, 'rows')
    }
    for (const table of tableNames) await trees.get(table)!.finish(roots[table])
    await file.writeHeader()
    return digest.finish()
  } finally {
    await file.close()
  }
}

/** Builds the indexes with the engine, applies the other migrations and signs the database. */
async function finishSchema(
  path: string,
  indexes: readonly string[],
  migrations: readonly Migration[],
  record: SeedRecord,
  { signal, onProgress }: SeedOptions,
): Promise<void> {
  const total = totalRows(record.rows)
  const [initial, ...later] = migrations
  const connection = new NativeConnection(path)
  const step = async (name: string, sql: string): Promise<void> => {
    onProgress?.(total, total, name)
    // The engine blocks this thread: between two statements a signal gets its turn.
    await setImmediate()
    checkSignal(signal)
    connection.scriptSync(sql)
  }
  try {
    connection.scriptSync(buildPragmas)
    for (const table of tableNames) await step(`keys of ${table}`, `REINDEX ${table}`)
    for (const index of indexes) await step(/INDEX\s+(\S+)/i.exec(index)?.[1] ?? 'index', index)
    const appliedAt = timestamp(anchorMs)
    await recordMigration(connection, initial!, appliedAt)
    for (const migration of later) {
      for (const { text } of migration.up.statements) await step(migration.id, text)
      await recordMigration(connection, migration, appliedAt)
    }
    const [table, row] = seedRecordStatements(record)
    connection.scriptSync(table.sql)
    connection.executeSync(row.sql, row.args)
  } finally {
    closeBuilt(connection)
  }
}

/** Gives a finished database its name, durably and at once. */
async function publish(temporary: string, path: string, replaces: boolean): Promise<void> {
  await makeWal(temporary)
  if (replaces) {
    await settle(path)
    // A -wal file of the old database would be taken for one of the new.
    for (const suffix of ['-wal', '-shm']) await removeDatabase(`${path}${suffix}`)
  }
  await rename(temporary, path)
  await syncFolder(dirname(path))
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  // Some file systems cannot sync a folder; the rename is atomic without it, only less durable.
  await handle.sync().catch(() => undefined)
  await handle.close()
}
