import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../../core/child-environment.ts'
import { sourceLoader } from '../../core/source-loader.ts'
import { TargetError, UsageError } from '../../core/errors.ts'
import { shownPath } from '../../scenario/script/script-file.ts'
import { senderTls } from '../target/load-tls.ts'
import type { FromSender, SenderResult, SenderTask, ToSender } from './messages.ts'

/**
 * Megabytes of V8's young generation: with its own 1 to 16 it is collected every few seconds, and what is under way then
 * is late by the milliseconds that this takes.
 */
const largeYoungGeneration = ['--min-semi-space-size=64', '--max-semi-space-size=64']

/** A sender process, from the outside; its entry calls `serveEngine`. */
export class SenderProcess {
  readonly result: Promise<SenderResult>
  readonly #child: ChildProcess
  readonly kill = (): void => void this.#child.kill('SIGKILL')

  /** `onMessage` gets every message but the last one, which is `result`. */
  constructor(entry: URL, task: SenderTask, onMessage: (message: FromSender) => void) {
    this.#child = fork(fileURLToPath(entry), [], {
      execArgv: [...largeYoungGeneration, ...sourceLoader(entry.href)],
      env: { ...childEnvironment([task.plan.tokenEnv]), ...senderTls(task.plan.tls) },
      serialization: 'advanced',
      // On Ctrl-C it must go on until it has waited for what is under way.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    process.once('exit', this.kill)
    this.result = this.#listen(task.plan.profilePath, onMessage).finally(() =>
      process.removeListener('exit', this.kill),
    )
    // It is awaited together with the others, which may fail first.
    this.result.catch(() => undefined)
    this.send({ kind: 'task', task })
  }

  send(message: ToSender): void {
    // A child that has just died breaks the pipe: its end says more than the pipe's.
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }

  #listen(profilePath: string, onMessage: (message: FromSender) => void): Promise<SenderResult> {
    let complaint = ''
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-2000)
    })
    return new Promise((resolve, reject) => {
      let last: Extract<FromSender, { kind: 'result' | 'failure' }> | undefined
      this.#child.on('error', reject)
      this.#child.on('message', (message: FromSender) => {
        if (message.kind === 'result' || message.kind === 'failure') last = message
        else onMessage(message)
      })
      this.#child.once('close', (status, killedBy) => {
        if (last?.kind === 'result') return resolve(last.result)
        if (last === undefined) reject(deathOf(`${killedBy ?? status}`, complaint, profilePath))
        else if (last.isUsage) reject(new UsageError(last.code, last.message))
        else reject(new TargetError(last.code, last.message))
      })
    })
  }
}

/** Why a sender is gone without a word: its own code never leaves by an exit code alone. */
function deathOf(end: string, complaint: string, profilePath: string): TargetError | UsageError {
  const line = complaint.split('\n').find((each) => /^\w*Error\b/.test(each)) ?? ''
  return /^\d+$/.test(end) && line === ''
    ? new UsageError(
        'PROFILE_EXITS',
        `${shownPath(profilePath)}: a request ends the process (process.exit); take the call out`,
      )
    : new TargetError('SENDER_DIED', `a sending process died (${end}) ${line}`.trim())
}
