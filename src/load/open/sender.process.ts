import { ForgebenchError, UsageError } from '../../core/errors.ts'
import type { FromSender, SenderTask, ToSender } from './messages.ts'
import { runSender, type Engine } from './run-sender.ts'

const stopping = new AbortController()
let begin: (startNs: number) => void = () => undefined
const engine: Engine = {
  tell: (message: FromSender) => void process.send?.(message),
  start: new Promise((resolve) => {
    begin = resolve
  }),
  stop: stopping.signal,
}

// Without the engine nobody would ever stop the load.
const dieWithEngine = (): void => void process.kill(process.pid, 'SIGKILL')
process.once('disconnect', dieWithEngine)

process.on('message', (message: ToSender) => {
  if (message.kind === 'start') begin(message.startNs)
  else if (message.kind === 'stop') stopping.abort()
  else answer(message.task).catch(dieWithEngine)
})

async function answer(task: SenderTask): Promise<void> {
  const last = await runSender(task, engine).then(
    (result): FromSender => ({ kind: 'result', result }),
    failureOf,
  )
  process.send?.(last, () => {
    process.removeListener('disconnect', dieWithEngine)
    process.disconnect()
  })
}

const failureOf = (error: unknown): FromSender => ({
  kind: 'failure',
  code: error instanceof ForgebenchError ? error.code : 'SENDER_FAILED',
  message: error instanceof Error ? error.message : String(error),
  isUsage: error instanceof UsageError,
})
