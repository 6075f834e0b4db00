import type { Driver } from '../driver.ts'
import { NativeConnection } from '../native.ts'
import { engineVersions } from '../versions.ts'

/** The embedded engine through its own binding. */
export const driver: Driver = {
  usesEmbeddedLibsql: true,
  lacks: [],
  open: async (path, options) => new NativeConnection(path, options),
  versions: async () => {
    const { libsql, sqlite } = engineVersions()
    return { version: libsql, sqlite }
  },
}
