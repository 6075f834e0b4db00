import { Console } from 'node:console'
import { writeSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exitCode, type ExitCode } from '../core/errors.ts'
import { scriptBeingLoaded } from '../scenario/script/script-being-loaded.ts'
import { failureLine } from './failure.ts'

/** Exit code that the command has come to. User code may set `process.exitCode`, which decides nothing. */
let decided: ExitCode = exitCode.pass
/** Exit code of a command that has ended; undefined while it works. */
let ended: number | undefined
/** Why output was lost, as an exit code of its own; undefined while every write succeeded. */
let lost: ExitCode | undefined

/** Says with which exit code the command ends when all is done; 0 where nothing is said. */
export function endWith(code: ExitCode): void {
  decided = code
  process.exitCode = code
}

/**
 * Notes a failure that does not stop the command, such as a full disk where the Run is kept elsewhere: it decides the exit
 * code. Only the first is said: a disk that has no room for the report has none for what follows it.
 */
export function noteFailure(error: unknown): void {
  if (lost !== undefined) return
  const { line, exit } = failureLine(error)
  process.stderr.write(line)
  lost = exit
}

/** Ends the process and its children now. */
export function endAtOnce(code: ExitCode): void {
  ended = code
  // oxlint-disable-next-line unicorn/no-process-exit -- what blocks the command blocks a gentler end
  process.exit(code)
}

/**
 * Runs a command to its end and ends the process with its exit code. Whatever else ends it before, such as a scenario
 * that calls `process.exit` or waits without end, is noticed, said, and never exit code 0.
 */
export async function runToEnd(command: () => Promise<void>): Promise<void> {
  guardExit()
  // What code of the user says is no part of our output, which may be JSON.
  globalThis.console = new Console(process.stderr, process.stderr)
  process.on('uncaughtException', endByFailure)
  process.stdout.on('error', noticeLostOutput)
  process.stderr.on('error', noticeLostOutput)
  try {
    await command()
  } catch (error) {
    const { line, exit } = failureLine(error)
    process.stderr.write(line)
    endWith(exit)
  }
  await Promise.all([flushed(process.stdout), flushed(process.stderr)])
  ended = decided
  // Timers and sockets that user code left behind would keep the process.
  // oxlint-disable-next-line unicorn/no-process-exit -- see above
  process.exit(lost ?? ended)
}

const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    // After an error a stream calls back no more.
    if (stream.destroyed || stream.errored) resolve()
    else stream.write('', () => resolve())
  })

function noticeLostOutput(error: NodeJS.ErrnoException): void {
  // A reader such as `head` that has seen enough, and a terminal that was closed, are no failures.
  if (error.code === 'EPIPE' || error.code === 'EIO' || lost !== undefined) return
  lost = exitCode.target
  const why = error.code === 'ENOSPC' ? 'the disk is full' : (error.code ?? 'the output failed')
  say(`the output could not be written: ${why}; free room, or write it to another place`)
}

function endByFailure(error: unknown): void {
  const place = userFrame(error instanceof Error ? error.stack : undefined)
  const { line, exit } = failureLine(error, place)
  process.stderr.write(line)
  endAtOnce(exit)
}

/**
 * Every way out leads through here: `process.exit` ends in `process.reallyExit`, which user code may call too, and a
 * listener of user code must not change the exit code.
 */
function guardExit(): void {
  const node = process as unknown as { reallyExit: (code: number) => void }
  const leave = node.reallyExit.bind(process)
  node.reallyExit = () => {
    noticeExit()
    leave(Number(process.exitCode))
  }
  const endForGood = (code: number): void => {
    noticeExit()
    const others = process.listeners('exit').filter((listener) => listener !== endForGood)
    for (const listener of others) callQuietly(() => listener.call(process, code))
    node.reallyExit(code)
  }
  process.on('exit', endForGood)
}

function callQuietly(listener: () => void): void {
  try {
    listener()
  } catch {
    // What user code throws when everything is over changes nothing.
  }
}

/** The last word when the process ends: `ended` is unknown when something else than the command ended it. */
function noticeExit(): void {
  if (ended !== undefined) {
    process.exitCode = lost ?? ended
    return
  }
  const place = userFrame(new Error('exit').stack)
  const script = scriptBeingLoaded()
  ended = place !== undefined || script !== undefined ? exitCode.usage : exitCode.invalid
  process.exitCode = ended
  if (place !== undefined) {
    say(`${place}: ends the process (process.exit), so there is no result; take the call out`)
  } else if (script !== undefined) {
    say(`${script}: never finishes loading: an await at its top level waits for what never happens`)
  } else {
    say('internal error, please report it: the command ended without a result')
  }
}

/** Synchronously, for nothing else is written when a process ends. */
function say(text: string): void {
  try {
    writeSync(2, `forgebench: ${text}\n`)
  } catch {
    // There is nobody left to tell.
  }
}

const ourCode = fileURLToPath(new URL('..', import.meta.url))

/** `file:line` of the innermost frame of a stack that is neither ours nor a dependency's. */
function userFrame(stack: string | undefined): string | undefined {
  for (const frame of (stack ?? '').split('\n')) {
    const [, path, line] = /(?:file:\/\/)?(\/[^():]+\.[cm]?[jt]s):(\d+):\d+\)?$/.exec(frame) ?? []
    if (path === undefined || path.startsWith(ourCode) || path.includes('/node_modules/')) continue
    return `${shownPath(path)}:${line}`
  }
  return undefined
}

/** Relative to here where it lies below. */
function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') ? path : fromHere
}
