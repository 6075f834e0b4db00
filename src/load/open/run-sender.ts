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
import type { Client } from './wire.ts'

/**
 * One sender process from its task to its result, over our own client or another one; `given` takes the place of the
 * profile that the plan names.
 */
export async function runSender(
  task: SenderTask,
  engine: Engine,
  given?: ProfileForSending,
  client?: Client,
): Promise<SenderResult> {
  const { plan } = task
  const loaded = await profileOf(task, given)
  const clock = new LoadClock()
  const endpoint = endpointOf(plan.url, plan.timeoutMs, readToken(plan.tokenEnv, process.env), client)
  const sender = new Sender({
    requests: loaded.profile.requests,
    endpoint,
    clock,
    connections: partOf(plan.connections, task),
    maxConnections: partOf(plan.maxConnections ?? plan.connections, task),
    warmUpSeconds: plan.warmUpSeconds,
    opensPerSec: plan.connectRatePerSec / plan.workers,
  })
  const { pool, waits } = sender
  let executor: Executor | undefined
  let gaveUp = false
  const worker = await runSession(task, engine, {
    sender,
    clock,
    openAll: (signal, onProgress) => sender.pool.openAll(signal, onProgress),
    drive: async () => {
      executor = startExecutor(task, sender, clock, loaded)
      const ends = [engine.stop, engine.finish, ...(endpoint.givesUp ? [pool.gone] : [])]
      await Promise.race([executor.finished, ...ends.map(aborted)])
      gaveUp = endpoint.givesUp && pool.gone.aborted
      if (ends.some((end) => end.aborted)) executor.stop(gaveUp ? 'neverSent' : undefined)
    },
    drain: () => drain(sender, plan.timeoutMs, engine.stop),
    close: () => sender.close(),
  })
  const drivenNs = executor?.drivenNs ?? 0
  const { counts: connections, failures: connectFailures } = pool
  return { connections, connectFailures, worker, drivenNs, waited: waits.total, gaveUp }
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
