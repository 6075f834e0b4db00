import { spawn } from 'node:child_process'
import { InterruptedError, UsageError } from '../core/errors.ts'
import type { CommandFill } from '../scenario/dataset.ts'

const cannotStart: Readonly<Record<string, string>> = {
  ENOENT: 'no such program; install it, or write its path',
  EACCES: 'may not be run; make it executable (chmod +x)',
}

/**
 * Runs the command that fills a database.
 * @throws UsageError DATASET_COMMAND with the last line that it wrote to stderr; InterruptedError
 */
export async function runFillCommand(
  { command, args }: CommandFill,
  values: { readonly path: string; readonly scale: number; readonly seed: number },
  signal: AbortSignal,
): Promise<void> {
  const filled = args.map((arg) =>
    arg.replaceAll(/\{(path|scale|seed)\}/g, (_, name: keyof typeof values) => String(values[name])),
  )
  // It is the user's own program: it gets the user's whole environment.
  // A group of its own, so that what it starts itself ends with it.
  const child = spawn(command, filled, { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
  const stop = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
  signal.addEventListener('abort', stop, { once: true })
  process.once('exit', stop)
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2000)
  })
  const end = await new Promise<string>((resolve) => {
    child.once('error', ({ code, message }: NodeJS.ErrnoException) =>
      resolve(cannotStart[code ?? ''] ?? `cannot be started: ${message}`),
    )
    child.once('close', (status, killedBy) => resolve(status === 0 ? '' : `ended with ${killedBy ?? status}`))
  })
  signal.removeEventListener('abort', stop)
  process.removeListener('exit', stop)
  if (signal.aborted) throw new InterruptedError()
  if (end === '') return
  const last = words.trim().split('\n').at(-1) ?? ''
  throw new UsageError(
    'DATASET_COMMAND',
    `${command}: ${end}${last === '' ? '' : `: ${last}`}; it has to fill {path} and end with 0`,
  )
}
