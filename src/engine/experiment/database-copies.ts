import { constants } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { measuresWrites } from '../../scenario/expand.ts'
import { withScratchFolder, type Scratch } from '../../stage/scratch-folder.ts'
import { asFileError } from '../../target/file-error.ts'
import type { Measurement } from './measurement.ts'

/** Copies a database file byte by byte; returns the path of the copy. @throws TargetError when the disk is full */
export type CopyDatabase = (from: string, name: string) => Promise<string>

/** Gives `work` throw-away copies of databases, in one folder; afterwards they are gone. */
export const withCopies = <T>(work: (copy: CopyDatabase, scratch: Scratch) => Promise<T>): Promise<T> =>
  withScratchFolder((scratch) =>
    work(async (from, name) => {
      const folder = await scratch()
      const path = join(folder, name)
      await copyFile(from, path, constants.COPYFILE_FICLONE).catch((error: unknown) => {
        throw asFileError(error, folder)
      })
      return path
    }, scratch),
  )

/**
 * Gives `work` the measurement with a clone for every variant whose writes are measured, so that the stages stay as they
 * are; announces itself when there is any. Afterwards the clones are gone.
 * @throws TargetError when the disk is full
 */
export async function withWriteClones<T>(
  measurement: Measurement,
  announce: () => void,
  work: (cloned: Measurement) => Promise<T>,
): Promise<T> {
  const { loaded, variants } = measurement
  const hasWrites = loaded.scenario.operations.some(({ kind }) => kind === 'write')
  if (!hasWrites || !variants.some(measuresWrites)) return work(measurement)
  announce()
  return withCopies(async (copy) => {
    const cloned = []
    for (const variant of variants) {
      const clonePath = measuresWrites(variant) ? await copy(variant.stage.path, `${variant.id}.db`) : null
      cloned.push({ ...variant, clonePath })
    }
    return work({ ...measurement, variants: cloned })
  })
}
