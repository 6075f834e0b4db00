import { setImmediate } from 'node:timers/promises'
import { InterruptedError, InvalidMeasurementError, TargetError } from '../../../core/errors.ts'
import { createRecord, insertRecord } from '../../../schema/migration-record.ts'
import { readMigrations, type Migration } from '../../../schema/migration.ts'
import { multiRowInserts, type InsertLimits } from '../../../target/multi-row-insert.ts'
import type { RemoteConnection, RemoteStatement } from '../../../target/remote/remote.ts'
import { defaultPatience, retrying, sendOnce, type Patience } from '../../../target/remote/send-once.ts'
import { migrationsFolder } from '../../migrations-folder.ts'
import { DigestBuilder, type SeedDigest } from '../digest.ts'
import { splitIndexes } from '../file/empty-database.ts'
import { tableColumns } from '../file/table-columns.ts'
import { generatorVersion } from '../generator-version.ts'
import { createGeneration } from '../plan.ts'
import { anchorMs, timestamp } from '../rows/timeline.ts'
import { checkSeed, rowCounts, totalRows, type RowCounts, type TableName } from '../scale.ts'
import type { SeedOptions, SeedSummary } from '../seed-database.ts'
import { seedRecordStatements, seedTable, type SeedRecord } from '../seed-record.ts'
import { buildVocabulary } from '../vocabulary.ts'
import { generatedRows } from './generated-rows.ts'
import { landedRows, orderTable, readServerState, type SeedOrder, type ServerState } from './server-state.ts'
import { verifyServerRows } from './verify-server.ts'

export interface ServerSeedOptions extends Omit<SeedOptions, 'path' | 'workers' | 'batchRows'> {
  /** For messages. */
  readonly url: string
  readonly patience?: Patience
  /** How much a statement holds. */
  readonly limits?: InsertLimits
}

export interface ServerSeedSummary extends SeedSummary {
  /** Rows that an earlier seed had left, which was gone on with; 0 where there was none. */
  readonly rowsBefore: number
}

/** A seed under way. */
interface Seeding {
  readonly remote: RemoteConnection
  readonly options: ServerSeedOptions
  readonly patience: Patience
  readonly order: SeedOrder
  readonly counts: RowCounts
  readonly landed: Record<TableName, number>
}

/**
 * Fills the database of a server with the same rows as a file of that seed and scale: tables, rows in statements of about a
 * megabyte, each a transaction, indexes; then reads all of them back. Its record is written when the digest is right, and
 * until then the database says that a seed is under way, which the same call goes on with.
 * @throws UsageError for a database that is not empty; TargetError when the server fails for longer than patience;
 * InvalidMeasurementError SEED_DIFFERS; InterruptedError when `signal` aborts
 */
export async function seedServer(
  remote: RemoteConnection,
  options: ServerSeedOptions,
): Promise<ServerSeedSummary> {
  const started = performance.now()
  const { url, scale, seed, ids, signal } = options
  checkSeed(seed)
  const counts = rowCounts(scale)
  const initial = (await readMigrations(migrationsFolder)).find(({ id }) => id === 'initial')!
  const order: SeedOrder = { seed, scale, ids, generatorVersion, schemaChecksum: initial.checksum }
  const state = await readServerState(remote, url, order, options.replace ?? false)
  const patience = { ...(options.patience ?? defaultPatience), signal }
  const { tables, indexes } = splitIndexes(initial)
  await makeTables(remote, state, tables, order, patience)
  const landed = { ...(await retrying(() => landedRows(remote), patience)) }
  const seeding: Seeding = { remote, options, patience, order, counts, landed }
  const rowsBefore = totalRows(landed)
  try {
    const digest = await sendRows(seeding)
    for (const index of indexes) await makeIndex(seeding, index)
    const record = { ...order, digest, rows: counts }
    await checkRows(seeding, record)
    await finish(seeding, record, initial)
    const elapsedMs = Math.round(performance.now() - started)
    const rowsPerSecond = Math.round(((totalRows(counts) - rowsBefore) / elapsedMs) * 1000)
    return { ...record, path: url, elapsedMs, rowsPerSecond, rowsBefore }
  } catch (error) {
    throw withProgress(error, seeding)
  }
}

/** Says what is there, and that the same call goes on. */
function withProgress(error: unknown, { landed, counts }: Seeding): unknown {
  if (!(error instanceof TargetError)) return error
  const there = `${totalRows(landed)} of ${totalRows(counts)} rows are there: run the same command again to go on`
  return new TargetError(error.code, `${error.message}; ${there}`, { cause: error })
}

const tableExists = (remote: RemoteConnection, kind: 'table' | 'index', name: string) => async () =>
  (await remote.query('SELECT 1 FROM sqlite_schema WHERE type = ? AND name = ?', [kind, name])).rows.length >
  0

/** Tables and the order of the seed in one transaction: where tables are, it is known whose rows they are to hold. */
async function makeTables(
  remote: RemoteConnection,
  state: ServerState,
  tables: readonly string[],
  order: SeedOrder,
  patience: Patience,
): Promise<void> {
  if (state.kind === 'interrupted') return
  const dropped = state.kind === 'replaced' ? state.tables.map((name) => `DROP TABLE ${name}`) : []
  const created = state.kind === 'prepared' ? [] : tables
  const statements: RemoteStatement[] = [
    ...[...dropped, ...created, createOrder].map((sql) => ({ sql, args: [] })),
    {
      sql: `INSERT INTO ${orderTable} VALUES (?, ?, ?, ?, ?)`,
      args: [order.seed, order.scale, order.ids, order.generatorVersion, order.schemaChecksum],
    },
  ]
  // A seed to be replaced may have left a table of this name: then rows of none of its tables are left.
  const hasLanded =
    state.kind === 'replaced'
      ? async () =>
          (await tableExists(remote, 'table', orderTable)()) && totalRows(await landedRows(remote)) === 0
      : tableExists(remote, 'table', orderTable)
  await sendOnce({ send: () => remote.migrate(statements), hasLanded }, patience)
}

const createOrder = `CREATE TABLE ${orderTable} (
  seed INTEGER NOT NULL,
  scale REAL NOT NULL,
  ids TEXT NOT NULL,
  generator_version INTEGER NOT NULL,
  schema_checksum TEXT NOT NULL
)`

async function sendRows(seeding: Seeding): Promise<SeedDigest> {
  const { remote, options, patience, order, counts, landed } = seeding
  const { scale, seed, ids } = order
  const digest = new DigestBuilder()
  for (const { table, hash, from } of generatedRows(
    createGeneration({ scale, seed, ids }, buildVocabulary(seed)),
  )) {
    digest.addBlock(table, hash)
    const columns = ['rowid', ...tableColumns[table].map(({ name }) => name)]
    for (const { sql, args, rows } of multiRowInserts(
      table,
      columns,
      from(landed[table] + 1),
      options.limits,
    )) {
      const before = landed[table]
      const hasLanded = async (): Promise<boolean> => {
        const found = (await landedRows(remote))[table]
        if (found >= before) return found >= before + rows
        throw new TargetError(
          'SEED_ROWS_LOST',
          `${options.url}: has ${found} rows in ${table}, and acknowledged ${before}; it lost what it acknowledged`,
        )
      }
      await sendOnce({ send: () => remote.batch([{ sql, args }]), hasLanded }, patience).catch(notAlone)
      landed[table] += rows
      options.onProgress?.(totalRows(landed), totalRows(counts), 'rows')
    }
    await setImmediate()
    if (options.signal?.aborted) throw new InterruptedError()
  }
  return digest.finish()
}

function notAlone(error: unknown): never {
  if (!(error instanceof TargetError) || error.code !== 'TARGET_CONSTRAINT') throw error
  throw new TargetError('SEED_NOT_ALONE', 'another process writes rows into the same tables; let it end', {
    cause: error,
  })
}

async function makeIndex({ remote, options, patience, landed, counts }: Seeding, sql: string): Promise<void> {
  const name = /INDEX\s+(\S+)/i.exec(sql)?.[1] ?? ''
  const hasLanded = tableExists(remote, 'index', name)
  options.onProgress?.(totalRows(landed), totalRows(counts), name)
  if (await retrying(hasLanded, patience)) return
  await sendOnce({ send: () => remote.batch([{ sql, args: [] }]), hasLanded }, patience)
}

async function checkRows({ remote, options, patience }: Seeding, record: SeedRecord): Promise<void> {
  const { signal, onProgress } = options
  const { differing } = await verifyServerRows(remote, record, { signal, onProgress }, patience)
  if (differing.length === 0) return
  throw new InvalidMeasurementError(
    'SEED_DIFFERS',
    `${options.url}: rows of ${differing.join(', ')} are not those of seed ${record.seed}; seed again with --replace`,
  )
}

/** The record of the migration and of the rows in one transaction: from now on it counts as seeded. */
async function finish({ remote, patience }: Seeding, record: SeedRecord, initial: Migration): Promise<void> {
  const { sql, args } = insertRecord(initial, timestamp(anchorMs))
  const statements = [
    { sql: createRecord, args: [] },
    // Tables of `migrate up` are recorded already.
    { sql: sql.replace('INSERT', 'INSERT OR IGNORE'), args },
    { sql: `DROP TABLE IF EXISTS ${seedTable}`, args: [] },
    ...seedRecordStatements(record),
    { sql: `DROP TABLE ${orderTable}`, args: [] },
  ]
  // One question: what asks in several may fail in one of them each time.
  const names = `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?`
  const hasLanded = async (): Promise<boolean> => {
    const { rows } = await remote.query(`SELECT (${names}) - (${names})`, [seedTable, orderTable])
    return Number(rows[0]?.[0]) === 1
  }
  await sendOnce({ send: () => remote.batch(statements), hasLanded }, patience)
}
