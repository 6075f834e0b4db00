import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { nearestExisting } from './nearest-existing.ts'
import { writeWithFolders } from './write-whole.ts'

/**
 * Refuses a file that could not be written, before anything is measured for it. Nothing is made yet.
 * @throws UsageError REPORT_UNWRITABLE
 */
export async function refuseClosedFile(path: string): Promise<void> {
  if (path === '') throw unwritable('the report', 'its file has no name')
  const { path: nearest, found } = await nearestExisting(path)
  const exists = nearest === resolve(path)
  if (exists && found?.isDirectory() === true) throw unwritable(path, 'a folder, not a file')
  if (!exists && found?.isDirectory() !== true) throw unwritable(path, `${nearest} is no folder`)
  await access(nearest, constants.W_OK).catch((error: unknown) => {
    throw unwritable(path, exists ? 'not for you to write' : `${nearest} is closed to you`, error)
  })
}

/**
 * Writes a report to a file of the caller's choice; folders are made as needed.
 * @throws UsageError REPORT_UNWRITABLE; TargetError TARGET_DISK_FULL
 */
export const writeReportFile = (path: string, text: string): Promise<void> =>
  writeWithFolders(path, text, { what: 'the report', code: 'REPORT_UNWRITABLE' })

const unwritable = (path: string, why: string, cause?: unknown): UsageError =>
  new UsageError(
    'REPORT_UNWRITABLE',
    `${path}: cannot write the report (${why}); name a file in a folder that you may write to`,
    { cause },
  )
