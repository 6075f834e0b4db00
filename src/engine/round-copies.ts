import { constants } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { asFileError } from '../target/file-error.ts'
import type { Stage } from '../stage/stage.ts'

/**
 * Fresh byte-identical copies of databases for one round, made in the order given, so that where a file happens to lie
 * on the disk or in memory is a matter of that round's chance. `work` gets a path for each stage; afterwards they are gone.
 */
export async function withCopies<T>(
  stages: readonly Stage[],
  order: readonly number[],
  work: (paths: readonly string[]) => Promise<T>,
): Promise<T> {
  const [first] = stages
  if (first === undefined) return work([])
  const folder = await mkdtemp(join(dirname(dirname(first.path)), `clones-${process.pid}-`))
  try {
    const paths = stages.map((_, index) => join(folder, `${index}.db`))
    for (const index of order) {
      const [from = '', to = ''] = [stages[index]?.path, paths[index]]
      await copyFile(from, to, constants.COPYFILE_FICLONE).catch((error: unknown) => {
        throw asFileError(error, folder)
      })
    }
    return await work(paths)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
