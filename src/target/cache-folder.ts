import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { UsageError } from '../core/errors.ts'
import { asFileError } from './file-error.ts'
import { makeFolder } from './make-folder.ts'

/** `$FORGEBENCH_CACHE`, else `$XDG_CACHE_HOME/forgebench`, else `~/.cache/forgebench`. */
export function cacheFolder(
  {
    FORGEBENCH_CACHE: ours,
    XDG_CACHE_HOME: shared,
  }: Readonly<Record<string, string | undefined>> = process.env,
): string {
  if (ours !== undefined && ours !== '') return resolve(ours)
  return shared !== undefined && shared !== ''
    ? resolve(shared, 'forgebench')
    : join(homedir(), '.cache', 'forgebench')
}

/**
 * Makes a folder of the cache where it is not there.
 * @throws UsageError CACHE_FOLDER; TargetError when the disk is full
 */
export async function makeCacheFolder(folder: string): Promise<void> {
  await makeFolder(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOSPC' || error.code === 'EDQUOT') throw asFileError(error, folder)
    throw new UsageError(
      'CACHE_FOLDER',
      `cannot make the cache folder ${folder} (${error.code}); set FORGEBENCH_CACHE to a folder of yours`,
    )
  })
}
