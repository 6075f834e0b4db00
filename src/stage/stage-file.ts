import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errorAt } from '../core/error-text.ts'
import { runInChild } from '../measure/child-process.ts'
import { asFileError } from '../target/file-error.ts'
import { copyDatabase } from './copy-database.ts'
import type { ForeignFacts, ForeignStageTask } from './foreign-stage.ts'

const entry = new URL(`./foreign-stage.process${import.meta.url.slice(-3)}`, import.meta.url)

/** A copy of somebody's database, ready to be measured. */
export interface ForeignStage extends ForeignFacts {
  readonly path: string
}

/**
 * Copies a database into a new folder and looks at what it holds; the original is never opened.
 * @throws TargetError when it keeps changing, is damaged, or the disk is full; InterruptedError
 */
export async function stageFile(from: string, folder: string, signal: AbortSignal): Promise<ForeignStage> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw asFileError(error, folder)
  })
  const path = join(folder, 'database.db')
  await copyDatabase(from, path)
  const facts = await runInChild<ForeignStageTask, ForeignFacts>(entry, { path }, signal).catch(
    (error: unknown) => {
      throw errorAt(from, error, [path])
    },
  )
  return { path, ...facts }
}
