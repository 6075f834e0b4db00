import { UsageError } from '../core/errors.ts'
import { inClosedFolder } from './closed-folder.ts'
import type { Connection } from './connection.ts'
import { inspectFile, parseTarget } from './location.ts'
import { NativeConnection } from './native.ts'
import { refuseUnreadable } from './refuse-unreadable.ts'

/** A connection that only asks, to a file or a server. */
export type Reader = Pick<Connection, 'query'> & { close(): void }

/**
 * Opens a database for reading, wherever it is.
 * @param db as in `--db`
 * @throws UsageError when there is no database; TargetError when it cannot be opened
 */
export async function openReader(db: string, authToken: string | undefined): Promise<Reader> {
  const location = parseTarget(db)
  if (location.kind === 'remote') {
    // Loaded when it is asked for: it brings a network stack that a file never uses.
    const { RemoteConnection } = await import('./remote/remote.ts')
    return new RemoteConnection(location, { concurrency: 1, authToken })
  }
  if ((await inspectFile(location.path, 'read')) !== 'database') {
    throw new UsageError(
      'TARGET_NOT_FOUND',
      `no database ${location.path}; make it with: forgebench seed --db ${db}`,
    )
  }
  try {
    return readable(location.path)
  } catch (error) {
    throw await inClosedFolder(location.path, error)
  }
}

function readable(path: string): Reader {
  const connection = new NativeConnection(path, { readOnly: true })
  try {
    refuseUnreadable(connection, path)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}
