import { spawn } from 'node:child_process'
import { InterruptedError, UsageError } from '../core/errors.ts'
import type { CommandFill } from '../scenario/dataset.ts'

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
  const child = spawn(command, filled, { stdio: ['ignore', 'ignore', 'pipe'], signal })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2000)
  })
  const end = await new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message))
    child.once('close', (status, killedBy) => resolve(status === 0 ? '' : `ended with ${killedBy ?? status}`))
  })
  if (signal.aborted) throw new InterruptedError()
  if (end === '') return
  const last = words.trim().split('\n').at(-1) ?? ''
  throw new UsageError(
    'DATASET_COMMAND',
    `${command}: ${end}${last === '' ? '' : `: ${last}`}; it has to fill {path} and end with 0`,
  )
}
