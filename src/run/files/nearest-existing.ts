import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** What is there of a path: itself, or the nearest that exists above it. */
export async function nearestExisting(
  path: string,
): Promise<{ readonly path: string; readonly found: Stats | undefined }> {
  let nearest = resolve(path)
  let found = await stat(nearest).catch(() => undefined)
  while (found === undefined && nearest !== dirname(nearest)) {
    nearest = dirname(nearest)
    found = await stat(nearest).catch(() => undefined)
  }
  return { path: nearest, found }
}
