import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TargetError } from '../core/errors.ts'

/**
 * An error of opening a database file, with its reason where that is a folder that cannot be written to: the engine says
 * only that it cannot open the file. Other errors are returned as they are.
 */
export async function inClosedFolder(path: string, error: unknown): Promise<unknown> {
  if (!(error instanceof TargetError) || error.code !== 'TARGET_NOT_FOUND') return error
  const writable = await access(dirname(path), constants.W_OK).then(
    () => true,
    () => false,
  )
  if (writable) return error
  return new TargetError(
    'TARGET_READ_ONLY',
    `${path}: lies in a folder that cannot be written to, where a database in WAL mode cannot even be read; copy it to another folder`,
    { cause: error },
  )
}
