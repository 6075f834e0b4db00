import { fork } from 'node:child_process'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../core/child-environment.ts'
import { sourceLoader } from '../core/source-loader.ts'
import { InterruptedError, TargetError, UsageError } from '../core/errors.ts'
import { describeError, errorOfChild, type ChildError } from './child-error.ts'

/** What a child sends back: its result, or its error. */
type Answer<R> =
  { readonly ok: true; readonly result: R } | { readonly ok: false; readonly error: ChildError }

/**
 * Runs one task in a fresh process and returns its result. Tasks and results cross as structured clones.
 * `entry` is the URL of a `*.process` module; from TypeScript sources it is loaded through jiti. `variables` are names of
 * environment variables that the task needs besides what every child is given, such as that of a token.
 * @throws the error that the child threw, of the same class; UsageError TEXT_NOT_UTF8 when its driver ended it for such a
 *   text; TargetError CHILD_DIED when it dies otherwise without an answer; InterruptedError when `signal` aborts
 */
export async function runInChild<T, R>(
  entry: URL,
  task: T,
  signal?: AbortSignal,
  variables: readonly string[] = [],
): Promise<R> {
  if (signal?.aborted) throw new InterruptedError()
  const path = fileURLToPath(entry)
  const child = fork(path, [], {
    execArgv: ['--expose-gc', ...sourceLoader(path)],
    env: childEnvironment(variables),
    serialization: 'advanced',
    // The child must outlive Ctrl-C long enough for the parent to save what it has, and write nothing itself.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let complaint = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000)
  })
  const stop = (): void => void child.kill('SIGKILL')
  const stopWithParent = (): void => stop()
  signal?.addEventListener('abort', stop, { once: true })
  process.once('exit', stopWithParent)
  try {
    return await new Promise<R>((resolve, reject) => {
      let answer: Answer<R> | undefined
      child.once('error', reject)
      child.once('message', (message: Answer<R>) => {
        answer = message
        child.disconnect()
      })
      // Only a process that is gone has let go of its databases.
      child.once('exit', (status, killedBy) => {
        if (answer?.ok === true) return resolve(answer.result)
        if (signal?.aborted) return reject(new InterruptedError())
        if (answer !== undefined) return reject(errorOfChild(answer.error))
        const die = (): void => {
          reject(deathOf(`${killedBy ?? status}`, complaint))
        }
        // Its last words may still be on their way.
        if (child.stderr === null) die()
        else finished(child.stderr).then(die, die)
      })
      // A child that dies before it has read its task breaks the pipe: its exit says more than the pipe's error.
      child.send(task as never, (error) => void (error !== null && stop()))
    })
  } finally {
    signal?.removeEventListener('abort', stop)
    process.removeListener('exit', stopWithParent)
    if (child.connected) child.disconnect()
  }
}

/**
 * Why a process is gone. The engine's driver ends it where it reads a text that is not UTF-8 (libsql 0.5.29: `value.rs`,
 * Utf8Error).
 */
function deathOf(end: string, complaint: string): UsageError | TargetError {
  if (complaint.includes('Utf8Error')) {
    return new UsageError(
      'TEXT_NOT_UTF8',
      'the driver cannot read a text that is not valid UTF-8; select such a column as CAST(… AS BLOB), or repair its rows',
    )
  }
  return new TargetError('CHILD_DIED', `a measuring process died (${end}) ${mainLine(complaint)}`.trim())
}

/** The line that names an error; Node puts the stack and its own version below it. */
function mainLine(complaint: string): string {
  const lines = complaint.trim().split('\n')
  const panic = lines.findIndex((line) => line.includes(' panicked at '))
  if (panic >= 0) return `the driver panicked: ${lines[panic + 1] ?? ''}`
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? ''
}

/** The child's side of `runInChild`: answers one task, then lets the process end. */
export function answerParent<T, R>(work: (task: T) => Promise<R>): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.once('message', (task: T) => {
    work(task)
      .then((result): Answer<R> => ({ ok: true, result }))
      .catch((error: unknown): Answer<R> => ({ ok: false, error: describeError(error) }))
      .then((answer) => process.send?.(answer))
      .catch(() => process.kill(process.pid, 'SIGKILL'))
  })
}
