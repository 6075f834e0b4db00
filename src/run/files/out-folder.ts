import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { UsageError } from '../../core/errors.ts'
import { nearestExisting } from './nearest-existing.ts'

/**
 * Refuses a folder that nothing could be written to: what takes minutes to measure must not be lost for want of a place
 * to put it. Nothing is made yet.
 * @throws UsageError OUT_UNWRITABLE
 */
export async function refuseClosedFolder(folder: string): Promise<void> {
  const { path: nearest, found } = await nearestExisting(folder)
  const writable = await access(nearest, constants.W_OK).then(
    () => true,
    () => false,
  )
  if (!writable || found?.isDirectory() !== true) {
    throw new UsageError('OUT_UNWRITABLE', `cannot write below ${nearest}; name another folder with --out`)
  }
}
