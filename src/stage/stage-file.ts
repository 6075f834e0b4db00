import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errorAt } from '../core/error-text.ts'
import { runInChild } from '../measure/child-process.ts'
import { asFileError } from '../target/file-error.ts'
import { copyDatabase } from './copy-database.ts'
import { readRecord } from '../schema/migration-record.ts'
import { statisticsState, type StatisticsState } from '../schema/statistics.ts'
import { NativeConnection } from '../target/native.ts'
import { refuseUnreadable } from '../target/refuse-unreadable.ts'
import { stageFacts, type StageFacts } from './build-stage.ts'
import { digestOfFile } from './file-seal.ts'

const entry = new URL(`./stage-file.process${import.meta.url.slice(-3)}`, import.meta.url)

/** A copy of somebody's database, ready to be measured. */
interface ForeignStage extends ForeignFacts {
  readonly path: string
}

/**
 * Copies a database into a new folder and looks at what it holds; the original is never opened.
 * @throws TargetError when it keeps changing, is damaged, or the disk is full; InterruptedError
 */
export async function stageFile(from: string, folder: string, signal: AbortSignal): Promise<ForeignStage> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw asFileError(error, folder)
  })
  const path = join(folder, 'database.db')
  await copyDatabase(from, path)
  const facts = await runInChild<ForeignStageTask, ForeignFacts>(entry, { path }, signal).catch(
    (error: unknown) => {
      throw errorAt(from, error, [path])
    },
  )
  return { path, ...facts }
}

interface ForeignStageTask {
  /** A copy of somebody's database; it is put into WAL mode. */
  readonly path: string
}

/** What a database that forgebench did not make holds. */
interface ForeignFacts extends StageFacts {
  /** SHA-256 of the file as it was copied. */
  readonly fileDigest: string
  readonly statistics: StatisticsState
  /** Migrations that it records; none where forgebench applied none. */
  readonly migrations: readonly { readonly id: string; readonly checksum: string }[]
}

/**
 * Makes a copy of a database ready to be measured: what its log holds is put into the file, as a stage has it. Schema,
 * statistics and the place of its pages stay as they were found.
 * @throws TargetError when it is damaged
 */
export async function readyForeignStage({ path }: ForeignStageTask): Promise<ForeignFacts> {
  const connection = new NativeConnection(path)
  try {
    refuseUnreadable(connection, path)
    connection.querySync('PRAGMA journal_mode = WAL')
    connection.querySync('PRAGMA wal_checkpoint(TRUNCATE)')
    const record = await readRecord(connection)
    const statistics = await statisticsState(connection)
    const migrations = record.flatMap(({ id, checksum }) => (id === 'initial' ? [] : [{ id, checksum }]))
    return { ...(await stageFacts(path)), fileDigest: await digestOfFile(path), statistics, migrations }
  } finally {
    connection.close()
  }
}
