import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Working folders carry the process id of their maker. */
const workingFolder = /^forgebench-(?:verify|online|k6|sqld)-(\d+)-/

/** Removes from the temporary folder what commands that were killed left there. Never throws. */
export async function removeLeftovers(folder = tmpdir()): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const maker = workingFolder.exec(name)?.[1]
    if (maker === undefined || isAlive(Number(maker))) continue
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined)
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
