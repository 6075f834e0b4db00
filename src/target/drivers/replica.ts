import { join } from 'node:path'
import type { Driver } from '../driver.ts'
import { fileUri } from '../location.ts'
import { serverLacks, ServedConnection, servedVersions } from '../server/served-connection.ts'
import { serveFile } from '../server/sqld-file.ts'

/**
 * An embedded replica of a libSQL server: it is synced once, then reads are those of a file, and writes go to the server.
 * Rows and plans are the server's.
 */
export const driver: Driver = {
  usesEmbeddedLibsql: false,
  lacks: serverLacks,
  open: async (path, options) => {
    const served = await serveFile(path, options)
    const url = fileUri(join(served.folder, 'replica.db'))
    const connection = new ServedConnection(served, { url, syncUrl: served.server.url })
    await connection.sync().catch(async (error: unknown) => {
      await connection.close()
      throw error
    })
    return connection
  },
  versions: servedVersions,
}
