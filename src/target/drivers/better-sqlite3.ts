import type { OpenNative, NativeDatabase } from '../native-database.ts'
import type { Driver } from '../driver.ts'
import { ExplainingConnection } from '../explain.ts'
import { findOptionalPackage, missing } from '../optional-package.ts'
import { TargetError } from '../../core/errors.ts'
import { sqliteVersion } from '../versions.ts'

type Constructor = new (
  path: string,
  options: { readonly timeout: number; readonly readonly: boolean },
) => NativeDatabase

/** SQLite itself through `better-sqlite3`, which has the same interface as `libsql`. */
export const driver: Driver = {
  usesEmbeddedLibsql: false,
  lacks: ['VM steps and the other counters of statements'],
  open: async (path, options) => new ExplainingConnection(path, options, await opener()),
  versions: async () => ({
    version: find().version,
    sqlite: sqliteVersion(new ExplainingConnection(':memory:', {}, await opener())),
  }),
}

const install = 'better-sqlite3@12'

function find(): ReturnType<typeof findOptionalPackage> {
  const found = findOptionalPackage('better-sqlite3', install)
  // Version 13 is not made for Node 20: it ends the process when a database is opened.
  if (Number(process.versions.node.split('.')[0]) < 22 && Number(found.version.split('.')[0]) > 12) {
    throw missing(`better-sqlite3 ${found.version} does not run on Node ${process.versions.node}`, install)
  }
  return found
}

async function opener(): Promise<OpenNative> {
  const { default: Database } = (await find().load()) as { readonly default: Constructor }
  return (path, { busyTimeoutMs, readOnly }) => {
    try {
      return new Database(path, { timeout: busyTimeoutMs, readonly: readOnly })
    } catch (error) {
      // It looks for the folder itself, and says so without a result code.
      if (!(error instanceof TypeError)) throw error
      throw new TargetError('TARGET_NOT_FOUND', `${path}: ${error.message}`, { cause: error })
    }
  }
}
