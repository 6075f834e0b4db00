import { constants } from 'node:fs'
import { copyFile, rename, rm, stat } from 'node:fs/promises'
import { applyPlan } from '../schema/apply.ts'
import { datasetMigrations, type FilledSchema } from '../schema/dataset-migrations.ts'
import { listIndexes } from '../schema/indexes.ts'
import { planMigrations } from '../schema/migration-plan.ts'
import { readRecord } from '../schema/migration-record.ts'
import { objectSizes, type StoredObject } from '../schema/sizes.ts'
import { analyze } from '../schema/statistics.ts'
import { asFileError } from '../target/file-error.ts'
import { NativeConnection } from '../target/native.ts'
import type { StagePlan } from './stage-plan.ts'

/** An index of a stage, enough to build it again. */
export interface StagedIndex {
  readonly name: string
  readonly sql: string
}

/** What is written down beside a stage. */
export interface StageFacts {
  readonly fileBytes: number
  readonly objects: readonly StoredObject[]
  readonly indexes: readonly StagedIndex[]
  readonly pragmas: Readonly<Record<string, string | number>>
}

export interface BuildStageTask extends Pick<StagePlan, 'migrations' | 'statistics' | 'migrationsFolder'> {
  /** How the tables of the source were made. */
  readonly schema: FilledSchema
  /** A dataset's rows, or the same stage without statistics. */
  readonly source: 'filled' | 'stage'
  readonly sourcePath: string
  readonly path: string
}

/** Fast and unsafe: a stage that is not finished is thrown away, never repaired. */
const buildPragmas = [
  'PRAGMA journal_mode = MEMORY',
  'PRAGMA synchronous = OFF',
  'PRAGMA cache_size = -65536',
  'PRAGMA threads = 2',
]

/** Makes one database from a copy: migrations, compaction, statistics, WAL. Then measures what it holds. */
export async function buildStage(task: BuildStageTask): Promise<StageFacts> {
  try {
    await copyFile(task.sourcePath, task.path, constants.COPYFILE_FICLONE)
    // A source without statistics was compacted when it was made itself.
    if (task.source === 'filled') await migrateAndCompact(task)
    const connection = new NativeConnection(task.path, { pragmas: buildPragmas })
    try {
      if (task.statistics === 'analyzed') await analyze(connection)
      connection.querySync('PRAGMA journal_mode = WAL')
    } finally {
      connection.close()
    }
    return await stageFacts(task.path)
  } catch (error) {
    throw asFileError(error, task.path)
  }
}

/**
 * Every stage is rewritten by VACUUM, whatever its migrations did: a rebuilt table leaves free pages behind, and files
 * that differ in how their pages lie could not be compared.
 */
async function migrateAndCompact({
  path,
  schema,
  migrations: names,
  migrationsFolder,
}: BuildStageTask): Promise<void> {
  const connection = new NativeConnection(path, { pragmas: buildPragmas })
  const compacted = `${path}.compact`
  try {
    const available = await datasetMigrations(schema, migrationsFolder)
    // Nobody but us has had the file, so that its tables are what its record says.
    const state = { record: await readRecord(connection), objects: [], differences: [] }
    await applyPlan(connection, planMigrations(available, state, { direction: 'up', names }))
    connection.executeSync('VACUUM INTO ?', [compacted])
  } finally {
    connection.close()
  }
  await rm(path)
  await rename(compacted, path)
}

const recordedPragmas = [
  'page_size',
  'journal_mode',
  'synchronous',
  'cache_size',
  'mmap_size',
  'foreign_keys',
]

/** What a database file holds and how it is set, written down beside it. It reads every page. */
export async function stageFacts(path: string): Promise<StageFacts> {
  const connection = new NativeConnection(path, { pragmas: ['PRAGMA synchronous = NORMAL'] })
  try {
    const pragmas = Object.fromEntries(
      recordedPragmas.map((name) => {
        const value = connection.querySync(`PRAGMA ${name}`).rows[0]?.[0]
        return [name, typeof value === 'string' ? value : Number(value)]
      }),
    )
    const indexes = (await listIndexes(connection)).flatMap(({ name, sql }) =>
      sql === null || sql === undefined ? [] : [{ name, sql }],
    )
    const { size } = await stat(path)
    return { fileBytes: size, objects: await objectSizes(connection), indexes, pragmas }
  } finally {
    connection.close()
  }
}
