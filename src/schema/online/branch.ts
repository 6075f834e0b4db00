import { constants } from 'node:fs'
import { copyFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import type { Connection } from '../../target/connection.ts'
import { NativeConnection } from '../../target/native.ts'
import type { MigrationStep } from '../migration-plan.ts'
import { stepFailure, stepParts } from '../step-parts.ts'
import { stopCapture, type ChangedRows } from './change-capture.ts'
import { compareRows, engineProblems } from './compare-rows.ts'
import { copyDatabase } from './copy-database.ts'

type Reader = Pick<Connection, 'query'>

/** A copy of the database as it was, and one that has been migrated. */
export interface Branch {
  readonly before: string
  readonly after: string
  readonly bytes: number
  /** How long the script took, in milliseconds. */
  readonly migrateMs: number
}

const pragmas = ['PRAGMA synchronous = OFF', 'PRAGMA foreign_keys = OFF', 'PRAGMA legacy_alter_table = OFF']

/**
 * Migrates a copy, in a folder of its own.
 * @param copyTo makes the copy
 * @throws UsageError MIGRATION_FAILED with the statement
 */
export async function makeBranch(
  folder: string,
  step: MigrationStep,
  recorded: readonly string[],
  copyTo: (path: string) => Promise<void>,
): Promise<Branch> {
  const [before, after] = [join(folder, 'before.db'), join(folder, 'after.db')]
  await copyTo(before)
  await withFile(before, async (copy) => {
    for (const sql of await stopCapture(copy)) copy.scriptSync(sql)
  })
  await copyFile(before, after, constants.COPYFILE_FICLONE)
  const migrateMs = await withFile(after, async (copy) => migrate(copy, step, recorded))
  return { before, after, bytes: (await stat(before)).size, migrateMs }
}

/** What is wrong with a migrated branch; nothing where it may be switched to. */
export function branchProblems({
  before,
  after,
}: Branch): Promise<{ rows: number; problems: readonly string[] }> {
  return withFile(before, (old) =>
    withFile(after, async (fresh) => {
      const { rows, problems } = await compareRows(old, fresh)
      return { rows, problems: [...problems, ...(await engineProblems(fresh))] }
    }),
  )
}

/**
 * Migrates rows that were written since the branch was made, in a database that holds nothing else, and compares them.
 * @returns what is wrong with them
 */
export async function deltaProblems(
  folder: string,
  step: MigrationStep,
  reader: Reader,
  changes: ChangedRows['tables'],
): Promise<{ readonly rows: number; readonly problems: readonly string[] }> {
  const [before, after] = [join(folder, 'delta-before.db'), join(folder, 'delta-after.db')]
  await Promise.all([before, after].map((path) => rm(path, { force: true })))
  await copyDatabase(reader, before, changes)
  await copyFile(before, after, constants.COPYFILE_FICLONE)
  return withFile(before, (old) =>
    withFile(after, async (fresh) => {
      try {
        fresh.scriptSync('BEGIN')
        for (const { text } of step.migration[step.direction].statements) fresh.scriptSync(text)
        fresh.scriptSync('COMMIT')
      } catch (error) {
        return { rows: 0, problems: [(error as Error).message.replaceAll(`${after}: `, '')] }
      }
      const { rows, problems } = await compareRows(old, fresh)
      // The rows that they refer to are not here.
      return { rows, problems: [...problems, ...(await engineProblems(fresh, 'unchecked'))] }
    }),
  )
}

async function migrate(
  copy: NativeConnection,
  step: MigrationStep,
  recorded: readonly string[],
): Promise<number> {
  const startedMs = performance.now()
  await copy.transaction('write', async () => {
    for (const part of stepParts(step, recorded)) {
      try {
        if (part.args.length === 0) copy.scriptSync(part.sql)
        else copy.executeSync(part.sql, part.args)
      } catch (error) {
        const failure = stepFailure(step, part, error)
        throw failure instanceof UsageError
          ? new UsageError(failure.code, failure.message.replaceAll(/\S*after\.db: /g, ''), { cause: error })
          : failure
      }
    }
  })
  return performance.now() - startedMs
}

async function withFile<T>(path: string, work: (connection: NativeConnection) => Promise<T>): Promise<T> {
  const connection = new NativeConnection(path, { pragmas })
  try {
    return await work(connection)
  } finally {
    connection.close()
  }
}
