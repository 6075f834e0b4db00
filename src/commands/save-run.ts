import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorAt } from '../core/error-text.ts'
import type { AnyRun } from '../run/any-run.ts'
import { writeRun } from '../run/write.ts'
import { noteFailure } from './outcome.ts'

/**
 * As `writeRun`, for what took minutes to measure: where the folder cannot take it, it is kept in another, which is
 * said. The failure decides the exit code, and the command goes on.
 * @throws as `writeRun` when no folder takes it
 */
export async function saveRun(folder: string, run: AnyRun): Promise<string> {
  try {
    return await writeRun(folder, run)
  } catch (error) {
    for (const other of [tmpdir(), homedir()]) {
      const path = await writeRun(join(other, 'forgebench-reports'), run).catch(() => undefined)
      if (path === undefined) continue
      noteFailure(errorAt(`the run is kept in ${path}`, error))
      return path
    }
    throw error
  }
}
