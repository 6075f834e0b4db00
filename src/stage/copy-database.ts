import { constants } from 'node:fs'
import { copyFile, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { TargetError } from '../core/errors.ts'
import { asFileError } from '../target/file-error.ts'

/** What a database consists of: the file, and the logs that hold what is not in it yet, or must be taken back. */
const parts = ['', '-wal', '-journal']
const attempts = 5

/**
 * Copies a database file with its logs, without opening it: nothing beside the original is made or touched. A file that
 * somebody writes to meanwhile is copied again.
 * @throws TargetError TARGET_BUSY when it does not keep still, and when the disk is full or the file cannot be read
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await sleep(200)
    const before = await stateOf(from)
    for (const part of parts) await copyPart(`${from}${part}`, `${to}${part}`)
    if ((await stateOf(from)) === before) return
  }
  throw new TargetError(
    'TARGET_BUSY',
    `${from}: is being written to; stop who writes, or name a copy of it (made with VACUUM INTO)`,
  )
}

async function copyPart(from: string, to: string): Promise<void> {
  await rm(to, { force: true })
  await copyFile(from, to, constants.COPYFILE_FICLONE).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return
    throw asFileError(error, to)
  })
}

async function stateOf(path: string): Promise<string> {
  const states = parts.map(async (part) => {
    const found = await stat(`${path}${part}`, { bigint: true }).catch(() => undefined)
    return found === undefined ? 'none' : `${found.ino} ${found.size} ${found.mtimeNs}`
  })
  return (await Promise.all(states)).join('; ')
}
