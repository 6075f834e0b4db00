import type { Row } from '../target/connection.ts'
import { PreparedConnection } from '../target/prepared-connection.ts'
import { engineVersions } from '../target/versions.ts'
import { GroupCommit } from './group-commit.ts'
import type { ApiStore, Effect, Statement } from './store.ts'

/**
 * WAL and synchronous = NORMAL is what a libSQL server runs with. One connection reads and writes: a second one would
 * find its page cache outdated after every commit of the first.
 */
const pragmas = ['PRAGMA journal_mode = WAL', 'PRAGMA synchronous = NORMAL', 'PRAGMA cache_size = -65536']
const busyTimeoutMs = 5_000

/** A database file in this process. */
export class FileStore implements ApiStore {
  readonly #connection: PreparedConnection
  readonly #writes: GroupCommit

  constructor(path: string) {
    this.#connection = new PreparedConnection(path, { busyTimeoutMs, pragmas })
    this.#writes = new GroupCommit(this.#connection)
  }

  readRow(sql: string, args: Row): Row | undefined {
    return this.#connection.firstRow(sql, args)
  }

  write(unit: readonly Statement[]): Promise<readonly Effect[]> {
    return this.#writes.write(unit)
  }

  async describe(): Promise<Readonly<Record<string, string>>> {
    const pragma = (name: string): string => String(this.#connection.firstRow(`PRAGMA ${name}`, [])?.[0])
    const versions = engineVersions()
    return {
      driver: 'libsql',
      libsql: versions.libsql,
      sqlite: versions.sqlite,
      journal_mode: pragma('journal_mode'),
      synchronous: pragma('synchronous') === '1' ? 'NORMAL' : pragma('synchronous'),
    }
  }

  async close(): Promise<void> {
    this.#writes.flush()
    this.#connection.close()
  }
}
