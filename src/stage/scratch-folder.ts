import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, makeCacheFolder } from '../target/cache-folder.ts'
import { asFileError } from '../target/file-error.ts'

/** Path of a folder that is made when it is asked for first. @throws TargetError when the disk is full */
export type Scratch = () => Promise<string>

/**
 * Gives `work` a folder for what lives no longer than it, beside the stages so that file systems that can share bytes
 * do. Afterwards it is gone; what a killed process leaves behind goes with `pruneStages`.
 */
export async function withScratchFolder<T>(work: (scratch: Scratch) => Promise<T>): Promise<T> {
  let folder: Promise<string> | undefined
  try {
    return await work(() => (folder ??= makeScratchFolder()))
  } finally {
    if (folder !== undefined) await rm(await folder, { recursive: true, force: true })
  }
}

async function makeScratchFolder(): Promise<string> {
  const root = join(cacheFolder(), 'stages')
  await makeCacheFolder(root)
  try {
    return await mkdtemp(join(root, `clones-${process.pid}-`))
  } catch (error) {
    throw asFileError(error, root)
  }
}
