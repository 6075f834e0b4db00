import type { Driver } from '../driver.ts'
import { serverLacks, ServedConnection, servedVersions } from '../server/served-connection.ts'
import { serveFile } from '../server/sqld-file.ts'

/** A libSQL server over HTTP, as `@libsql/client` asks it. */
export const driver: Driver = {
  usesEmbeddedLibsql: false,
  lacks: serverLacks,
  open: async (path, options) => {
    const served = await serveFile(path, options)
    return new ServedConnection(served, { url: served.server.url })
  },
  versions: servedVersions,
}
