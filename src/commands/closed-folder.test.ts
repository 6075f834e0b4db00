import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NativeConnection } from '../target/native.ts'
import { failureLine } from './failure.ts'
import { program } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-closed-'))
const path = join(folder, 'wal.db')
const isRoot = process.getuid?.() === 0
/** Root writes anywhere but on a file system that is mounted for reading. */
const isMounted = isRoot && attempt('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder])

function attempt(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

beforeAll(() => {
  const connection = new NativeConnection(path)
  // As a script: a statement would keep the file open, and the log that it reads beside it.
  connection.scriptSync('PRAGMA journal_mode = WAL; CREATE TABLE prompts (id TEXT PRIMARY KEY)')
  connection.close()
  if (isMounted) attempt('mount', ['-o', 'remount,ro', folder])
  else chmodSync(folder, 0o555)
})
afterAll(() => {
  if (isMounted) attempt('umount', [folder])
  else chmodSync(folder, 0o755)
  rmSync(folder, { recursive: true, force: true })
})

test.skipIf(isRoot && !isMounted).each([
  ['migrate', 'status'],
  ['load', 'draw-data'],
])(
  '%s %s says of a folder for reading alone why a database in WAL mode cannot be read there (root needs to mount)',
  async (verb, ...args) => {
    const root = await program(verb)
    const failure = await root.parseAsync([verb, ...args, '--db', path], { from: 'user' }).catch(failureLine)
    expect(failure).toEqual({
      exit: 5,
      line: `forgebench: ${path}: lies in a folder that cannot be written to, where a database in WAL mode cannot even be read; copy it to another folder\n`,
    })
  },
)
