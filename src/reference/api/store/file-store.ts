import type { Row } from '../../../target/connection.ts'
import { PreparedConnection } from '../../../target/prepared-connection.ts'
import { engineVersions } from '../../../target/versions.ts'
import { GroupCommit } from './group-commit.ts'
import { ReadBatch } from './read-batch.ts'
import type { ApiStore, Effect, Statement } from './store.ts'

/**
 * WAL and synchronous = NORMAL is what a libSQL server runs with. One connection reads and writes: a second one would
 * find its page cache outdated after every commit of the first.
 */
const pragmas = [
  'PRAGMA journal_mode = WAL',
  'PRAGMA synchronous = NORMAL',
  'PRAGMA foreign_keys = ON',
  'PRAGMA cache_size = -65536',
]

/** Short, because the engine blocks the whole process while it waits; `GroupCommit` is patient without blocking. */
const busyTimeoutMs = 10

/** How long writes wait for another process before they fail. */
const patienceMs = 5_000

const synchronousNames = ['OFF', 'NORMAL', 'FULL', 'EXTRA']

/** A database file in this process. */
export class FileStore implements ApiStore {
  readonly jsonForm = 'bytes'
  readonly #connection: PreparedConnection
  readonly #reads: ReadBatch
  readonly #writes: GroupCommit

  /** @throws TargetError when the file cannot be opened */
  constructor(path: string) {
    this.#connection = new PreparedConnection(path, { busyTimeoutMs, pragmas })
    this.#reads = new ReadBatch(this.#connection)
    this.#writes = new GroupCommit(this.#connection, patienceMs)
  }

  readRow(statement: Statement): Promise<Row | undefined> {
    return this.#reads.readRow(statement)
  }

  write(unit: readonly Statement[]): Promise<readonly Effect[]> {
    return this.#writes.write(unit)
  }

  async describe(): Promise<Readonly<Record<string, string>>> {
    const pragma = (name: string): string => String(this.#connection.firstRow(`PRAGMA ${name}`, [])?.[0])
    const { libsql, sqlite } = engineVersions()
    return {
      driver: `libsql ${libsql}`,
      database: 'file',
      sqlite,
      journal_mode: pragma('journal_mode'),
      synchronous: synchronousNames[Number(pragma('synchronous'))] ?? 'unknown',
    }
  }

  async close(): Promise<void> {
    this.#reads.run()
    await this.#writes.drain()
    this.#connection.close()
  }
}
