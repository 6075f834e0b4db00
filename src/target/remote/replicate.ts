import { createClient } from '@libsql/client'
import { fileUri, type RemoteLocation } from '../location.ts'
import { asReplicaError } from './replica.ts'

/**
 * Copies the database of a libSQL server to a new file through an embedded replica: the server sends the pages that its
 * log holds, and reads no row for it. The copy is whole when this resolves, and nobody keeps it up to date.
 * @throws TargetError
 */
export async function replicateServer(
  { url }: RemoteLocation,
  authToken: string | undefined,
  path: string,
): Promise<void> {
  // Replication is spoken over HTTP, whatever the queries travel by.
  const syncUrl = url.replace(/^libsql:/, 'https:').replace(/^ws/, 'http')
  const token = authToken === undefined ? {} : { authToken }
  try {
    const client = createClient({ url: fileUri(path), syncUrl, ...token })
    try {
      await client.sync()
    } finally {
      client.close()
    }
  } catch (error) {
    throw asReplicaError(error, url)
  }
}
