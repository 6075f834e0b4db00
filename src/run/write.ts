import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UsageError } from '../core/errors.ts'
import type { AnyRun } from './any-run.ts'
import { serializeRun } from './serialize.ts'

export { serializeRun } from './serialize.ts'

/**
 * Name of the folder that a run is kept in, such as `20261124T004831Z-1f2e3d`: the start in UTC and the last part of
 * the run's id. Sorts by time and is safe on every file system.
 */
export function runFolderName(run: Pick<AnyRun, 'id' | 'startedAt'>): string {
  const stamp = new Date(run.startedAt)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '')
  const shortId = (run.id.split('-').at(-1) ?? '').replaceAll(/[^\dA-Za-z]/g, '').slice(0, 12)
  return `${stamp}-${shortId}`
}

/**
 * Writes `<folder>/<utc stamp>-<short id>/run.json` and returns its path. Folders are made as needed; a crash leaves
 * either the whole file or none, and a second write of the same run replaces the first.
 * @throws UsageError RUN_UNWRITABLE
 */
export async function writeRun(folder: string, run: AnyRun): Promise<string> {
  const path = join(folder, runFolderName(run), 'run.json')
  await writeRunFile(path, run)
  return path
}

/** As `writeRun`, to a file of the caller's choice; `text` is the run as JSON. */
export async function writeRunFile(path: string, run: AnyRun, text = serializeRun(run)): Promise<void> {
  // The temporary file lies beside the final one because a rename is atomic within one file system only.
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, text, { flush: true })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    const cause = error instanceof Error ? error.message : String(error)
    throw new UsageError(
      'RUN_UNWRITABLE',
      `${path}: cannot write the run (${cause}); name a file in a folder that you may write to`,
      { cause: error },
    )
  }
}
