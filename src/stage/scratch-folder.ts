import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, makeCacheFolder } from '../reference/seed/cache.ts'
import { asFileError } from '../target/file-error.ts'

/**
 * A new folder for what lives no longer than this process, beside the stages so that file systems that can share bytes
 * do. Whoever makes it removes it; what a killed process leaves behind goes with `pruneStages`.
 */
export async function makeScratchFolder(): Promise<string> {
  const root = join(cacheFolder(), 'stages')
  await makeCacheFolder(root)
  try {
    return await mkdtemp(join(root, `clones-${process.pid}-`))
  } catch (error) {
    throw asFileError(error, root)
  }
}
