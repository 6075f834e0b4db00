import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorAt } from '../core/error-text.ts'
import { UsageError } from '../core/errors.ts'
import { temporaryFolderError } from '../core/temporary-folder-error.ts'
import type { Connection } from '../target/connection.ts'
import type { DriverName } from '../target/drivers.ts'
import { openFile } from '../target/open.ts'
import { applyPlan, planDown, planUp } from './apply.ts'
import { findMigration } from './find-migrations.ts'
import type { MigrationPlan } from './migration-plan.ts'
import { readRecord } from './migration-record.ts'
import type { Migration } from './migration.ts'
import { digestRows, type TableRows } from './row-digest.ts'
import { readSchemaObjects, schemaDifferences, type SchemaObject } from './schema-objects.ts'

/** What going up, down and up again did to one migration's schema and rows. */
export interface MigrationVerification {
  readonly id: string
  /** Rows that were compared, all tables together. */
  readonly rows: number
  /** What is wrong, a phrase each; empty when the migration is reversible. */
  readonly problems: readonly string[]
}

/** A moment of a database. `exact` sees the bytes of ids, `decoded` their meaning. */
interface Snapshot {
  readonly objects: readonly SchemaObject[]
  readonly exact: readonly TableRows[]
  readonly decoded: readonly TableRows[]
}

/**
 * Takes a migration up, down and up on a temporary copy of a database: the schema, every row with its rowid and
 * the engine's own checks must come out the same. A migration without dependencies starts from an empty file.
 * @param seededPath a database with the initial migration; it is not changed
 */
export async function verifyMigration(
  seededPath: string,
  migration: Migration,
  migrations: readonly Migration[],
  driver: DriverName = 'libsql',
): Promise<MigrationVerification> {
  const folder = await mkdtemp(join(tmpdir(), `forgebench-verify-${process.pid}-`)).catch(
    (error: unknown) => {
      throw temporaryFolderError(`migration ${migration.id}`, tmpdir(), error)
    },
  )
  const path = join(folder, 'copy.db')
  try {
    if (migration.dependsOn.length > 0) await copyFile(seededPath, path)
    const connection = await openFile(path, driver, { pragmas: ['PRAGMA synchronous = OFF'] })
    try {
      const apply = (plan: MigrationPlan) => applyPlan(connection, plan)
      return await upDownUp({ reader: connection, apply, rowsAtOnce: 1000 }, migration, migrations)
    } finally {
      await connection.close()
    }
  } catch (error) {
    const subject = `migration ${migration.id}`
    throw errorAt(subject, temporaryFolderError(subject, tmpdir(), error), [path])
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Where a migration is tried. */
interface Ground {
  readonly reader: Reader
  readonly apply: (plan: MigrationPlan) => Promise<void>
  readonly rowsAtOnce: number
}

type Reader = Pick<Connection, 'query'>

/**
 * Takes a migration up, down and up, and down again, on a server's own database. What it needs has to be there, and it
 * itself not. It comes back as it was if the migration is reversible, which is the question: use a copy.
 * @throws UsageError MIGRATION_NEEDS or MIGRATION_APPLIED; TargetError
 */
export async function verifyOnServer(
  reader: Reader,
  apply: Ground['apply'],
  migration: Migration,
  migrations: readonly Migration[],
): Promise<MigrationVerification> {
  const { id } = migration
  const applied = (await readRecord(reader)).map((record) => record.id)
  const missing = [...requirements(migration, migrations)].filter(
    (need) => need !== id && !applied.includes(need),
  )
  if (missing.length > 0)
    throw new UsageError('MIGRATION_NEEDS', `«${id}» needs ${missing.join(', ')}, which is not applied there`)
  if (applied.includes(id)) {
    throw new UsageError(
      'MIGRATION_APPLIED',
      `«${id}» is applied there; take it down first, or verify on another copy`,
    )
  }
  const result = await upDownUp({ reader, apply, rowsAtOnce: 200 }, migration, migrations)
  if ((await readRecord(reader)).some((record) => record.id === id))
    await apply(await planDown(reader, migrations, id))
  return result
}

async function upDownUp(
  { reader, apply, rowsAtOnce }: Ground,
  migration: Migration,
  migrations: readonly Migration[],
): Promise<MigrationVerification> {
  const { id } = migration
  const look = (): Promise<Snapshot> => snapshot(reader, rowsAtOnce)
  const problems: string[] = []
  let rows = 0
  try {
    const ground = [...requirements(migration, migrations)].filter((need) => need !== id)
    if (ground.length > 0) await apply(await planUp(reader, migrations, ground))
    const before = await look()
    rows = before.exact.reduce((sum, table) => sum + table.rows, 0)
    await apply(await planUp(reader, migrations, [id]))
    const up = await look()
    problems.push(...(await engineProblems(reader, 'up')))
    problems.push(...rowDifferences(before.decoded, up.decoded, 'up'))
    await apply(await planDown(reader, migrations, id))
    const down = await look()
    problems.push(...(await engineProblems(reader, 'down')))
    problems.push(...schemaDifferences(before.objects, down.objects).map((text) => `after down: ${text}`))
    problems.push(...rowDifferences(before.exact, down.exact, 'down'))
    await apply(await planUp(reader, migrations, [id]))
    const again = await look()
    problems.push(
      ...schemaDifferences(up.objects, again.objects).map((text) => `after the second up: ${text}`),
    )
    problems.push(...rowDifferences(up.exact, again.exact, 'the second up'))
    problems.push(...(await engineProblems(reader, 'the second up')))
  } catch (error) {
    // What the target does, such as a full disk, says nothing of the migration.
    if (!(error instanceof UsageError)) throw error
    problems.push(error.message)
  }
  return { id, rows, problems }
}

/** A migration with all that it depends on, dependencies first. */
function requirements(migration: Migration, migrations: readonly Migration[]): ReadonlySet<string> {
  const needs = migration.dependsOn.flatMap((need) => [
    ...requirements(findMigration(migrations, need), migrations),
  ])
  return new Set([...needs, migration.id])
}

async function snapshot(reader: Reader, rowsAtOnce: number): Promise<Snapshot> {
  return {
    objects: await readSchemaObjects(reader),
    exact: await digestRows(reader, { ids: 'exact', rowsAtOnce }),
    decoded: await digestRows(reader, { ids: 'decoded', rowsAtOnce }),
  }
}

function rowDifferences(
  before: readonly TableRows[],
  after: readonly TableRows[],
  step: string,
): readonly string[] {
  return before.flatMap((old) => {
    const fresh = after.find(({ table }) => table === old.table)
    if (fresh === undefined) return [`after ${step}: table ${old.table} is gone`]
    if (fresh.rows !== old.rows)
      return [`after ${step}: ${old.table} has ${fresh.rows} rows, not ${old.rows}`]
    return fresh.digest === old.digest ? [] : [`after ${step}: rows of ${old.table} changed`]
  })
}

async function engineProblems(reader: Reader, step: string): Promise<readonly string[]> {
  const orphans = Number((await reader.query('SELECT count(*) FROM pragma_foreign_key_check')).rows[0]?.[0])
  const integrity = String((await reader.query('PRAGMA integrity_check')).rows[0]?.[0])
  return [
    ...(orphans === 0 ? [] : [`after ${step}: ${orphans} rows refer to nothing`]),
    ...(integrity === 'ok' ? [] : [`after ${step}: integrity_check: ${integrity}`]),
  ]
}
