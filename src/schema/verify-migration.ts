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
      return await upDownUp(connection, migration, migrations)
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

async function upDownUp(
  connection: Connection,
  migration: Migration,
  migrations: readonly Migration[],
): Promise<MigrationVerification> {
  const { id } = migration
  const problems: string[] = []
  let rows = 0
  try {
    const ground = [...requirements(migration, migrations)].filter((need) => need !== id)
    if (ground.length > 0) await applyPlan(connection, await planUp(connection, migrations, ground))
    const before = await snapshot(connection)
    rows = before.exact.reduce((sum, table) => sum + table.rows, 0)
    await applyPlan(connection, await planUp(connection, migrations, [id]))
    const up = await snapshot(connection)
    problems.push(...(await engineProblems(connection, 'up')))
    problems.push(...rowDifferences(before.decoded, up.decoded, 'up'))
    await applyPlan(connection, await planDown(connection, migrations, id))
    const down = await snapshot(connection)
    problems.push(...(await engineProblems(connection, 'down')))
    problems.push(...schemaDifferences(before.objects, down.objects).map((text) => `after down: ${text}`))
    problems.push(...rowDifferences(before.exact, down.exact, 'down'))
    await applyPlan(connection, await planUp(connection, migrations, [id]))
    const again = await snapshot(connection)
    problems.push(
      ...schemaDifferences(up.objects, again.objects).map((text) => `after the second up: ${text}`),
    )
    problems.push(...rowDifferences(up.exact, again.exact, 'the second up'))
    problems.push(...(await engineProblems(connection, 'the second up')))
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

async function snapshot(connection: Connection): Promise<Snapshot> {
  return {
    objects: await readSchemaObjects(connection),
    exact: await digestRows(connection, { ids: 'exact' }),
    decoded: await digestRows(connection, { ids: 'decoded' }),
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

async function engineProblems(connection: Connection, step: string): Promise<readonly string[]> {
  const orphans = Number(
    (await connection.query('SELECT count(*) FROM pragma_foreign_key_check')).rows[0]?.[0],
  )
  const integrity = String((await connection.query('PRAGMA integrity_check')).rows[0]?.[0])
  return [
    ...(orphans === 0 ? [] : [`after ${step}: ${orphans} rows refer to nothing`]),
    ...(integrity === 'ok' ? [] : [`after ${step}: integrity_check: ${integrity}`]),
  ]
}
