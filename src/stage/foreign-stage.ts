import { readRecord } from '../schema/migration-record.ts'
import { statisticsState, type StatisticsState } from '../schema/statistics.ts'
import { NativeConnection } from '../target/native.ts'
import { refuseUnreadable } from '../target/refuse-unreadable.ts'
import { stageFacts, type StageFacts } from './build-stage.ts'
import { digestOfFile } from './file-seal.ts'

export interface ForeignStageTask {
  /** A copy of somebody's database; it is put into WAL mode. */
  readonly path: string
}

/** What a database that forgebench did not make holds. */
export interface ForeignFacts extends StageFacts {
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
