import { UsageError } from '../../core/errors.ts'
import type { Connection } from '../../target/connection.ts'
import type { NativeConnection } from '../../target/native.ts'
import type { RemoteConnection } from '../../target/remote/remote.ts'
import { defaultPatience, sendOnce } from '../../target/remote/send-once.ts'
import { sendParts } from '../apply-on-server.ts'
import type { MigrationStep } from '../migration-plan.ts'
import { readRecord } from '../migration-record.ts'
import { stepFailure, type StepPart } from '../step-parts.ts'
import { copyDatabase } from './copy-database.ts'

type Reader = Pick<Connection, 'query'>

/** The database that is migrated while others use it. */
export interface LiveDatabase {
  /** For messages. */
  readonly name: string
  readonly kind: 'file' | 'server'
  readonly reader: Reader
  /** Runs statements in one transaction. `hasLanded` says whether the database has them, should an answer be lost. */
  readonly write: (statements: readonly string[], hasLanded: () => Promise<boolean>) => Promise<void>
  /** Makes a file of everything as it is at one moment, while others go on. */
  readonly copyTo: (path: string) => Promise<void>
  /** Runs the transaction of a step; nobody else writes meanwhile. Its time in milliseconds. */
  readonly switch: (step: MigrationStep, parts: readonly StepPart[]) => Promise<number>
}

/**
 * A file, through a connection that waits for others.
 * @throws UsageError ONLINE_JOURNAL where writers would have to wait for a copy
 */
export function liveFile(connection: NativeConnection, path: string): LiveDatabase {
  const mode = connection.querySync('PRAGMA journal_mode').rows[0]?.[0]
  if (mode !== 'wal') {
    throw new UsageError(
      'ONLINE_JOURNAL',
      `${path}: has journal_mode ${String(mode)}, in which writers wait while the file is copied; set PRAGMA journal_mode = WAL, or use forgebench migrate up`,
    )
  }
  return {
    name: path,
    kind: 'file',
    reader: connection,
    write: (statements) =>
      connection.transaction('write', async () => {
        for (const sql of statements) connection.scriptSync(sql)
      }),
    copyTo: async (copy) => connection.scriptSync(`VACUUM INTO '${copy.replaceAll("'", "''")}'`),
    switch: (step, parts) => switchFile(connection, step, parts),
  }
}

async function switchFile(
  connection: NativeConnection,
  step: MigrationStep,
  parts: readonly StepPart[],
): Promise<number> {
  // PRAGMA foreign_keys does nothing inside a transaction, so it is switched around it.
  connection.scriptSync('PRAGMA legacy_alter_table = OFF; PRAGMA foreign_keys = OFF')
  let startedMs = performance.now()
  try {
    await connection.transaction('write', async () => {
      // What was waited for until here, others wrote.
      startedMs = performance.now()
      for (const part of parts) {
        try {
          if (part.args.length === 0) connection.scriptSync(part.sql)
          else connection.executeSync(part.sql, part.args)
        } catch (error) {
          throw stepFailure(step, part, error)
        }
      }
    })
    return performance.now() - startedMs
  } finally {
    connection.scriptSync('PRAGMA foreign_keys = ON')
  }
}

/** A libSQL server. */
export function liveServer(remote: RemoteConnection, url: string): LiveDatabase {
  return {
    name: url,
    kind: 'server',
    reader: remote,
    write: (statements, hasLanded) => {
      const bound = statements.map((sql) => ({ sql, args: [] }))
      return sendOnce({ send: () => remote.batch(bound), hasLanded }, defaultPatience)
    },
    copyTo: (path) => remote.snapshot((reader) => copyDatabase(reader, path, 'all rows')),
    switch: async (step, parts) => {
      let startedMs = performance.now()
      const hasLanded = async (): Promise<boolean> =>
        (await readRecord(remote)).some(({ id }) => id === step.migration.id)
      const send = (): Promise<void> => {
        startedMs = performance.now()
        return sendParts(remote, step, parts)
      }
      await sendOnce({ send, hasLanded }, defaultPatience)
      return performance.now() - startedMs
    },
  }
}
