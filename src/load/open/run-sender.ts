import type { ProfileForSending } from '../../scenario/load-profile/load-profile-file.ts'
import { readToken } from '../target/token.ts'
import { LoadClock } from '../worker/load-clock.ts'
import type { SenderResult, SenderTask } from '../worker/messages.ts'
import { aborted, partOf, profileOf, startAudit, startReports } from '../worker/sender-session.ts'
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
  try {
    await pool.openAll(engine.stop, (opened) => engine.send({ kind: 'opening', opened }))
    engine.send({ kind: 'ready' })
    const startNs = await Promise.race([engine.start, aborted(engine.stop)])
    const sent =
      startNs === undefined
        ? { worker: startAudit()(), drivenNs: 0, gaveUp: false }
        : await send(task, engine, sender, { ...loaded, clock, startNs, givesUp: endpoint.givesUp })
    return { connections: pool.counts, connectFailures: pool.failures, waited: waits.total, ...sent }
  } finally {
    sender.close()
  }
}

interface Sending extends ProfileForSending {
  readonly clock: LoadClock
  readonly startNs: number
  readonly givesUp: boolean
}

/** Sends the load from its start to the last answer; the worker is what sending cost this process after the warm-up. */
async function send(
  task: SenderTask,
  engine: Engine,
  sender: Sender,
  { startNs, givesUp, ...sending }: Sending,
): Promise<Pick<SenderResult, 'worker' | 'drivenNs' | 'gaveUp'>> {
  const { plan } = task
  const { clock } = sending
  let finishAudit = startAudit()
  clock.startAt(startNs)
  // What warming up costs says nothing of the load that is measured.
  const warm = setTimeout(() => (finishAudit = startAudit()), plan.warmUpSeconds * 1000 - clock.nowNs() / 1e6)
  const finishReports = startReports(sender, clock, engine.send)
  try {
    const executor = startExecutor(task, sender, sending)
    const { gone } = sender.pool
    const ends = [engine.stop, engine.finish, ...(givesUp ? [gone] : [])]
    await Promise.race([executor.finished, ...ends.map(aborted)])
    const gaveUp = givesUp && gone.aborted
    if (ends.some((end) => end.aborted)) executor.stop(gaveUp ? 'neverSent' : undefined)
    const worker = finishAudit()
    await drain(sender, plan.timeoutMs, engine.stop)
    return { worker, drivenNs: executor.drivenNs, gaveUp }
  } finally {
    clearTimeout(warm)
    sender.close()
    finishReports()
  }
}

function startExecutor(
  { plan, worker: first }: SenderTask,
  sender: Sender,
  { clock, sequence, thinkMsAt }: Pick<Sending, 'clock' | 'sequence' | 'thinkMsAt'>,
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
