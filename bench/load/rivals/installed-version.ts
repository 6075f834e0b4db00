import { spawnSync } from 'node:child_process'

/** What `file args` prints that matches, or null when there is no such command; exit codes do not matter. */
export function installedVersion(file: string, args: readonly string[], version: RegExp): string | null {
  const { error, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: 10_000 })
  if (error !== undefined) return null
  return version.exec(stdout + stderr)?.[1] ?? 'unknown version'
}
