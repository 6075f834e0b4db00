import { constants } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeScratchFolder } from '../stage/scratch-folder.ts'
import { asFileError } from '../target/file-error.ts'

/** Copies of one side's database for one round: to read, and to write to where its writes are timed. */
export interface RoundCopies {
  readonly read: string
  readonly write: string | null
}

/**
 * Fresh byte-identical copies of databases for one round, made in the order given, so that where a file happens to lie
 * on the disk or in memory is a matter of that round's chance. `work` gets those of each database, none for one that is
 * no file; afterwards they are gone.
 * @throws TargetError when the disk is full
 */
export async function withCopies<T>(
  databases: readonly (string | null)[],
  order: readonly number[],
  needsWrites: boolean,
  work: (copies: readonly (RoundCopies | null)[]) => Promise<T>,
): Promise<T> {
  if (databases.every((path) => path === null)) return work(databases.map(() => null))
  const folder = await makeScratchFolder()
  try {
    const copies = databases.map((path, index): RoundCopies | null =>
      path === null
        ? null
        : {
            read: join(folder, `${index}.db`),
            write: needsWrites ? join(folder, `${index}-written.db`) : null,
          },
    )
    for (const index of order) {
      const from = databases[index] ?? null
      const to = copies[index] ?? null
      if (from === null || to === null) continue
      for (const path of [to.read, to.write]) {
        if (path === null) continue
        await copyFile(from, path, constants.COPYFILE_FICLONE).catch((error: unknown) => {
          throw asFileError(error, folder)
        })
      }
    }
    return await work(copies)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
