import { UsageError } from '../../core/errors.ts'
import { parseLocation, parseTarget } from '../location.ts'

/** An embedded replica: a local file that follows the database of a libSQL server. */
export interface ReplicaLocation {
  readonly kind: 'replica'
  /** Absolute path of the local file. */
  readonly path: string
  /** The server, `http:` or `https:`. */
  readonly syncUrl: string
}

/**
 * Reads `--db replica:file.db?sync=http://…`; undefined where it names no replica.
 * @throws UsageError for a replica without its file or server, or with credentials in the URL
 */
export function parseReplica(db: string): ReplicaLocation | undefined {
  if (!/^replica:/i.test(db)) return undefined
  const [, file = '', server = ''] = /^replica:([^?]*)(?:\?sync=(.*))?$/is.exec(db) ?? []
  if (file === '' || server === '') {
    throw new UsageError(
      'DB_REPLICA',
      '--db replica: names a file and its server, as in replica:app.db?sync=http://127.0.0.1:8080',
    )
  }
  const followed = parseTarget(server)
  if (followed.kind !== 'remote') {
    throw new UsageError(
      'DB_REPLICA',
      '--db replica: follows a server; write its URL behind sync=, such as http://127.0.0.1:8080',
    )
  }
  // Replication is spoken over HTTP, whatever queries may travel by.
  const syncUrl = followed.url.replace(/^libsql:/, 'https:').replace(/^ws/, 'http')
  return { kind: 'replica', path: parseLocation(file).path, syncUrl }
}
