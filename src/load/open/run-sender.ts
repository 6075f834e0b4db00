import type { ProfileForSending } from '../../scenario/load-profile/load-profile-file.ts'
import { readToken } from '../target/token.ts'
import { LoadClock } from '../worker/load-clock.ts'
import type { SenderResult, SenderTask } from '../worker/messages.ts'
import { aborted, partOf, profileOf, runSession } from '../worker/run-session.ts'
import type { Engine } from '../worker/serve-engine.ts'
import { ClosedModel } from './closed-model.ts'
import { endpointOf } from './endpoint.ts'
import type { Executor } from './executor.ts'
import { OpenModel } from './open-model.ts'
import { Sender } from './sender.ts'

/** One sender process from its task to its result; `given` takes the place of the profile that the plan names. */
export async function runSender(
  task: SenderTask,
  engine: Engine,
  given?: ProfileForSending,
): Promise<SenderResult> {
  const { plan } = task
  const loaded = await profileOf(task, given)
  const clock = new LoadClock()
  const sender = new Sender({
    requests: loaded.profile.requests,
    endpoint: endpointOf(plan.url, plan.timeoutMs, readToken(plan.tokenEnv, process.env)),
    clock,
    connections: partOf(plan.connections, task),
    maxConnections: partOf(plan.maxConnections ?? plan.connections, task),
    warmUpSeconds: plan.warmUpSeconds,
    opensPerSec: plan.connectRatePerSec / plan.workers,
  })
  let executor: Executor | undefined
  const worker = await runSession(task, engine, {
    sender,
    clock,
    openAll: (signal, onProgress) => sender.pool.openAll(signal, onProgress),
    drive: async () => {
      executor = startExecutor(task, sender, clock, loaded)
      await Promise.race([executor.finished, aborted(engine.stop), aborted(engine.finish)])
      if (engine.stop.aborted || engine.finish.aborted) executor.stop()
    },
    drain: () => drain(sender, plan.timeoutMs, engine.stop),
    close: () => sender.close(),
  })
  const { pool, waits } = sender
  const drivenNs = executor?.drivenNs ?? 0
  return { connections: pool.counts, connectFailures: pool.failures, worker, drivenNs, waited: waits.total }
}

function startExecutor(
  { plan, worker: first }: SenderTask,
  sender: Sender,
  clock: LoadClock,
  { sequence, thinkMsAt }: ProfileForSending,
): Executor {
  const { model, workers: stride, connections } = plan
  const common = { plan, first, stride, sequence, clock }
  switch (model.kind) {
    case 'open-model':
      return new OpenModel(sender, { ...common, plan: { ...plan, ...model } })
    case 'closed-model':
      return new ClosedModel(sender, { ...common, users: model.users, thinkMsAt })
    case 'peak':
      return new ClosedModel(sender, { ...common, users: connections, thinkMsAt: () => 0 })
  }
}

/** Waits for what is under way; a stopped load gives up what waits for a connection at once, others after a while. */
async function drain(sender: Sender, timeoutMs: number, stop: AbortSignal): Promise<void> {
  const giveUp = (): void => sender.giveUpWaiting()
  const patience = setTimeout(giveUp, timeoutMs)
  if (stop.aborted) giveUp()
  else stop.addEventListener('abort', giveUp, { once: true })
  await sender.whenIdle()
  clearTimeout(patience)
  stop.removeEventListener('abort', giveUp)
}
