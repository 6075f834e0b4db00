import { spawn, type ChildProcess } from 'node:child_process'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { childEnvironment } from '../../core/child-environment.ts'
import { asFileError } from '../file-error.ts'

/** A program that ends with this process at the latest. */
export interface OwnedProcess {
  readonly pid: number
  /** True once it has ended, by itself or because it was told to. */
  readonly isGone: () => boolean
  /** Asks it to end, and kills it when it has not after five seconds. */
  readonly end: () => Promise<void>
}

/**
 * A shell between us and the program reads from a pipe that only this process can write to and never does: it comes to an
 * end when this process is gone, whatever ended it, and then the program is killed. `$!` is printed for us to know it.
 */
const keeper = `
exec 3<&0
"$@" </dev/null 3<&- >&2 &
program=$!
echo "$program"
exec >&-
(read -r _ <&3; kill -9 "$program") 2>/dev/null &
wait "$program"
ended=$?
kill "$!" 2>/dev/null
exit "$ended"`

const graceMs = 5_000

/**
 * Starts a program in a process group of its own, so that Ctrl-C reaches it through us. Its output goes to a log file,
 * errors only where it follows RUST_LOG.
 * @throws TargetError when the log cannot be written
 */
export async function spawnWithParent(command: readonly string[], logPath: string): Promise<OwnedProcess> {
  const log = await open(logPath, 'a').catch((error: unknown) => {
    throw asFileError(error, logPath)
  })
  try {
    const shell = spawn('/bin/sh', ['-c', keeper, 'forgebench', ...command], {
      stdio: ['pipe', 'pipe', log.fd],
      env: { ...childEnvironment(), RUST_LOG: 'error' },
      detached: true,
    })
    const gone = new Promise<void>((resolve) =>
      shell.once('exit', () => resolve()).once('error', () => resolve()),
    )
    const pid = await pidOf(shell, gone)
    return { pid, isGone: () => isOver(shell), end: () => end(shell, pid, gone) }
  } finally {
    await log.close()
  }
}

/** The line that the shell prints; 0 when it could not even start. */
async function pidOf({ stdout }: ChildProcess, gone: Promise<void>): Promise<number> {
  if (stdout === null) return 0
  const line = new Promise<string>((resolve) => createInterface(stdout).once('line', resolve))
  return Number((await Promise.race([line, gone])) ?? 0)
}

const isOver = ({ pid, exitCode, signalCode }: ChildProcess): boolean =>
  pid === undefined || exitCode !== null || signalCode !== null

async function end(shell: ChildProcess, pid: number, gone: Promise<void>): Promise<void> {
  if (!isOver(shell)) {
    signal(pid, 'SIGTERM')
    const force = setTimeout(() => signal(pid, 'SIGKILL'), graceMs)
    await gone
    clearTimeout(force)
  }
  shell.stdin?.destroy()
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (pid > 0) process.kill(pid, name)
  } catch {
    // It has ended by itself.
  }
}
