import { constants } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeScratchFolder } from '../../stage/scratch-folder.ts'
import { asFileError } from '../../target/file-error.ts'

/** A database in one round: where it is read, and where it is written to, if it is. */
export interface RoundCopy {
  readonly read: string
  readonly write: string | null
}

/**
 * Fresh byte-identical copies of databases for one round, made in the order given, so that where a file happens to lie
 * on the disk or in memory is a matter of that round's chance: two copies of one database that are read all through a
 * run differ by 2 to 5 % in full scans. `work` gets the copies of each database, one to read and with `writes` one to
 * write to, none for one that is no file; afterwards they are gone.
 * @throws TargetError when the disk is full
 */
export async function withCopies<T>(
  databases: readonly (string | null)[],
  order: readonly number[],
  writes: boolean,
  work: (copies: readonly (RoundCopy | null)[]) => Promise<T>,
): Promise<T> {
  if (databases.every((path) => path === null)) return work(databases.map(() => null))
  const folder = await makeScratchFolder()
  const copy = async (from: string, name: string): Promise<string> => {
    const path = join(folder, name)
    await copyFile(from, path, constants.COPYFILE_FICLONE).catch((error: unknown) => {
      throw asFileError(error, folder)
    })
    return path
  }
  try {
    const copies = new Map<number, RoundCopy>()
    for (const index of order) {
      const from = databases[index] ?? null
      if (from === null) continue
      const read = await copy(from, `${index}.db`)
      copies.set(index, { read, write: writes ? await copy(from, `${index}-written.db`) : null })
    }
    return await work(databases.map((_, index) => copies.get(index) ?? null))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
