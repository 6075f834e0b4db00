import { join } from 'node:path'
import { TargetError } from '../../core/errors.ts'
import { runInChild } from '../../measure/child-process.ts'
import { copyDatabase } from '../../stage/copy-database.ts'
import type { PlannerDatabase } from '../../statistics/planner-database.ts'
import { replaceStatements, type Asked, type StatisticsRow } from '../../statistics/statistics-rows.ts'
import type { RemoteLocation } from '../../target/location.ts'
import { NativeConnection } from '../../target/native.ts'
import { refuseUnreadable } from '../../target/refuse-unreadable.ts'

/** What a process of its own copies: the driver blocks it until the last page has come. */
export interface ReplicationTask {
  readonly location: RemoteLocation
  readonly authToken: string | undefined
  readonly path: string
}

const replication = new URL(`./replicate.process${import.meta.url.slice(-3)}`, import.meta.url)

/**
 * Copies a database to a file of the folder, with all its rows: a file as it is, that of a server through an embedded
 * replica, for which the server reads no row.
 * @throws TargetError; InterruptedError
 */
export async function copyHere(
  { location }: Pick<PlannerDatabase, 'location'>,
  authToken: string | undefined,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const path = join(folder, `copy-${location.kind}.db`)
  if (location.kind === 'remote') {
    await runInChild<ReplicationTask, void>(replication, { location, authToken, path }, signal)
  } else await copyDatabase(location.path, path)
  const copy = new NativeConnection(path)
  try {
    refuseUnreadable(copy, path)
  } finally {
    copy.close()
  }
  return path
}

/**
 * Makes a database with the schema of another and without its rows: the planner needs no more than that and
 * `sqlite_stat1`. What needs a module that is not here, such as a virtual table of an extension, is left out.
 */
export async function copySchema(database: Asked, folder: string): Promise<string> {
  const { rows } = await database.query(
    `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
     ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END, rowid`,
  )
  const path = join(folder, 'schema.db')
  const copy = new NativeConnection(path)
  try {
    for (const [sql] of rows) {
      try {
        copy.scriptSync(String(sql))
      } catch (error) {
        if (!(error instanceof TargetError) || error.code !== 'TARGET_SQL') throw error
      }
    }
  } finally {
    copy.close()
  }
  return path
}

/** Gives a copy these statistics; without rows its planner has the defaults. */
export function setStatistics(path: string, rows: readonly StatisticsRow[]): void {
  const copy = new NativeConnection(path)
  try {
    copy.scriptSync('ANALYZE sqlite_schema')
    copy.scriptSync('BEGIN')
    for (const { sql, args } of replaceStatements(rows)) copy.executeSync(sql, args)
    copy.scriptSync('COMMIT')
  } finally {
    copy.close()
  }
}
