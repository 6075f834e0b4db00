import { messageOf } from '../../core/error-text.ts'
import { ForgebenchError, UsageError } from '../../core/errors.ts'
import type { FromSender, SenderResult, SenderTask, ToSender } from './messages.ts'

/** The engine, as a sender process sees it. */
export interface Engine {
  readonly send: (message: FromSender) => void
  /** Resolves to the common start, a moment of `machineNs`; never when it is stopped before. */
  readonly start: Promise<number>
  readonly stop: AbortSignal
  /** Aborted when the load ends before its time: what was due until then is sent. */
  readonly finish: AbortSignal
}

/** A sender process' side of `SenderProcess`: does one task, then lets the process end. */
export function serveEngine(work: (task: SenderTask, engine: Engine) => Promise<SenderResult>): void {
  const stopping = new AbortController()
  const finishing = new AbortController()
  let begin: (startNs: number) => void = () => undefined
  const engine: Engine = {
    send: (message) => void process.send?.(message),
    start: new Promise((resolve) => {
      begin = resolve
    }),
    stop: stopping.signal,
    finish: finishing.signal,
  }

  // Without the engine nothing would stop the load.
  const dieWithEngine = (): void => void process.kill(process.pid, 'SIGKILL')
  process.once('disconnect', dieWithEngine)

  // What is thrown while a timer or an answer is handled reaches no promise.
  const thrown = new Promise<FromSender>((resolve) => {
    process.once('uncaughtException', (error) => resolve(failureOf(error)))
  })
  const answer = async (task: SenderTask): Promise<void> => {
    const done = work(task, engine).then((result): FromSender => ({ kind: 'result', result }), failureOf)
    const last = await Promise.race([done, thrown])
    process.send?.(last, () => {
      if (last.kind === 'failure') return dieWithEngine()
      process.removeListener('disconnect', dieWithEngine)
      process.disconnect()
    })
  }

  process.on('message', (message: ToSender) => {
    if (message.kind === 'start') begin(message.startNs)
    else if (message.kind === 'stop') stopping.abort()
    else if (message.kind === 'finish') finishing.abort()
    else answer(message.task).catch(dieWithEngine)
  })
}

const failureOf = (error: unknown): FromSender => ({
  kind: 'failure',
  code: error instanceof ForgebenchError ? error.code : 'SENDER_FAILED',
  message: messageOf(error),
  isUsage: error instanceof UsageError,
})
