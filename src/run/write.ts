import { join } from 'node:path'
import type { AnyRun } from './any-run.ts'
import { serializeRun } from './serialize.ts'
import { writeWithFolders } from './files/write-whole.ts'

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
 * @throws UsageError RUN_UNWRITABLE; TargetError TARGET_DISK_FULL
 */
export async function writeRun(folder: string, run: AnyRun): Promise<string> {
  const path = join(folder, runFolderName(run), 'run.json')
  await writeRunFile(path, run)
  return path
}

/** As `writeRun`, to a file of the caller's choice; `text` is the run as JSON. */
export const writeRunFile = (path: string, run: AnyRun, text = serializeRun(run)): Promise<void> =>
  writeWithFolders(path, text, { what: 'the run', code: 'RUN_UNWRITABLE' })
