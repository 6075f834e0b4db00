import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promised } from './trial.ts'

/** Processes whose current folder is this one; needs `/proc`. */
export function processesIn(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => folderOf(pid) === folder)
}

function folderOf(pid: number): string | undefined {
  try {
    return readlinkSync(join('/proc', String(pid), 'cwd'))
  } catch {
    // It ended, or is somebody else's.
    return undefined
  }
}

const graceMs = 2000

/**
 * Waits until no process stands in the folder.
 * @throws PromiseBroken after 2 s, having ended what is left
 */
export async function noOrphans(folder: string): Promise<void> {
  const deadlineMs = performance.now() + graceMs
  while (processesIn(folder).length > 0 && performance.now() < deadlineMs) await sleep(20)
  const left = processesIn(folder)
  for (const pid of left) process.kill(pid, 'SIGKILL')
  promised(
    left.length === 0,
    'no process outlives its command by 2 s',
    `processes ${left.join(', ')} live on`,
  )
}
