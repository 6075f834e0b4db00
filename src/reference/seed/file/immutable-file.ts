import { NativeConnection } from '../../../target/native.ts'

/**
 * Reads a database file that nobody writes: no locks, no -wal or -shm files beside it, even if it is in WAL mode.
 * What only a -wal file holds is not seen.
 */
export function readImmutable<T>(path: string, work: (connection: NativeConnection) => T): T {
  const uri = `file:${encodeURI(path).replaceAll('?', '%3f').replaceAll('#', '%23')}?immutable=1`
  const connection = new NativeConnection(uri)
  try {
    return work(connection)
  } finally {
    connection.close()
  }
}
