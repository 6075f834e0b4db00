import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheFolder, makeCacheFolder } from '../cache-folder.ts'
import { refuseEmptyPath, type OpenOptions } from '../embedded-database.ts'
import { asFileError } from '../file-error.ts'
import { NativeConnection } from '../native.ts'
import { copyWhole, databaseIn, startSqld, type RunningSqld } from './sqld-process.ts'

/** A libSQL server that has a database file for its own, until it is given back. */
export interface ServedFile {
  readonly server: RunningSqld
  /** For further files of whoever asks the server; it goes with the server. */
  readonly folder: string
  /** Ends the server. A file that was opened for writing is then back at its path, with everything in it. */
  readonly close: () => Promise<void>
}

/**
 * Gives a database file to a libSQL server started for it. For reading it is copied, so that others may read it
 * meanwhile; for writing it is moved to where the server keeps its database, and moved back at the end.
 * @throws RangeError for an empty path; UsageError SQLD_MISSING; TargetError
 */
export async function serveFile(path: string, { readOnly = false }: OpenOptions): Promise<ServedFile> {
  refuseEmptyPath(path)
  const folder = await freshFolder(path, readOnly)
  const place = databaseIn(folder)
  const back = async (): Promise<void> => {
    if (readOnly || !existsSync(place)) return
    closeLog(place)
    await rename(place, path)
  }
  const giveUp = async (): Promise<void> => {
    await back()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await mkdir(dirname(place), { recursive: true })
    if (readOnly) await copyWhole(path, place)
    else {
      closeLog(path)
      await rename(path, place)
    }
    const server = await startSqld({ folder })
    const close = async (): Promise<void> => {
      await server.end()
      await giveUp()
    }
    return { server, folder, close }
  } catch (error) {
    await giveUp()
    throw asFileError(error, path)
  }
}

/**
 * Beside a file that is moved into it, since a move is quick within one file system only; else among the throw-away copies
 * of the cache, where what a killed process leaves behind is removed.
 */
async function freshFolder(path: string, readOnly: boolean): Promise<string> {
  const copies = join(cacheFolder(), 'stages')
  if (readOnly) await makeCacheFolder(copies)
  const prefix = readOnly ? join(copies, `clones-${process.pid}-`) : `${path}.server-`
  return mkdtemp(prefix).catch((error: unknown) => {
    throw asFileError(error, prefix)
  })
}

/** Puts what the write-ahead log holds into the file, which is in WAL mode from then on, and nothing has it open. */
function closeLog(path: string): void {
  const connection = new NativeConnection(path)
  try {
    // As a script: a statement would keep the file open until the next garbage collection.
    connection.scriptSync('PRAGMA journal_mode = WAL; PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    connection.close()
  }
}
