import { errorText } from '../../core/error-text.ts'
import { UsageError } from '../../core/errors.ts'
import type { LoadWorker } from '../../run/load-run.ts'
import { loadProfileForSending, type ProfileForSending } from '../../scenario/load-profile-file.ts'
import type { LoadPlan } from '../load-plan.ts'
import { readToken } from '../token.ts'
import { Arrivals } from './arrivals.ts'
import { ClosedLoop } from './closed-loop.ts'
import type { Driver } from './driver.ts'
import { endpointOf } from './endpoint.ts'
import { LoadClock } from '../worker/load-clock.ts'
import type { SenderResult, SenderTask } from '../worker/messages.ts'
import { Sender } from './sender.ts'
import { startAudit } from '../worker/self-audit.ts'
import type { Engine } from '../worker/serve-engine.ts'

export interface OpenResult extends SenderResult {
  /** Connections that could not be opened, by the code of the error. */
  readonly connectFailures: Readonly<Record<string, number>>
}

/** This sender's part of something that all senders share. */
const partOf = (total: number, { worker, plan }: SenderTask): number =>
  Math.floor(total / plan.workers) + (worker < total % plan.workers ? 1 : 0)

/** One sender process from its task to its result; `given` takes the place of the profile that the plan names. */
export async function runSender(
  task: SenderTask,
  engine: Engine,
  given?: ProfileForSending,
): Promise<OpenResult> {
  const { plan } = task
  const loaded = given ?? (await loadProfileForSending(plan))
  const clock = new LoadClock()
  const token = readToken(plan.tokenEnv, process.env)
  const sender = new Sender({
    profile: loaded.profile,
    endpoint: endpointOf(plan.url, plan.timeoutMs, token),
    clock,
    connections: partOf(plan.connections, task),
    maxConnections: partOf(plan.maxConnections ?? plan.connections, task),
    warmUpSeconds: plan.warmUpSeconds,
    opensPerSec: plan.connectRatePerSec / plan.workers,
  })
  try {
    await sender.pool.openAll(engine.stop, (opened) => engine.tell({ kind: 'opening', opened }))
    engine.tell({ kind: 'ready' })
    const startNs = await Promise.race([engine.start, aborted(engine.stop)])
    if (startNs === undefined) return resultOf(sender, 0, startAudit()())
    clock.startAt(startNs)
    const driver = startDriver(task, { sender, clock, loaded })
    return await drive(sender, driver, { ...plan, clock, engine })
  } finally {
    sender.close()
  }
}

interface Load {
  readonly sender: Sender
  readonly clock: LoadClock
  readonly loaded: ProfileForSending
}

function startDriver({ plan, worker: first }: SenderTask, { sender, clock, loaded }: Load): Driver {
  const common = { first, stride: plan.workers, sequence: namingFailures(loaded.sequence), clock }
  const { model, stages, seed, maxRequests } = plan
  if (model.kind === 'arrivals') {
    return new Arrivals(sender, { ...common, plan: { stages, seed, maxRequests, ...model } })
  }
  const users = model.kind === 'users' ? model.users : plan.connections
  const thinkMsAt = model.kind === 'users' ? loaded.thinkMsAt : () => 0
  return new ClosedLoop(sender, { ...common, plan, users, thinkMsAt })
}

/** A profile may be a user's own. */
const namingFailures =
  (sequence: ProfileForSending['sequence']): ProfileForSending['sequence'] =>
  (index) => {
    try {
      return sequence(index)
    } catch (error) {
      const why = errorText(error)
      throw new UsageError('REQUEST_INVALID', `the profile throws for request ${index}: ${why}`)
    }
  }

interface Drive extends Pick<LoadPlan, 'timeoutMs' | 'warmUpSeconds'> {
  readonly clock: LoadClock
  readonly engine: Engine
}

async function drive(
  sender: Sender,
  driver: Driver,
  { clock, timeoutMs, warmUpSeconds, engine }: Drive,
): Promise<OpenResult> {
  let finishAudit = startAudit()
  // What warming up costs says nothing of the load that is measured.
  const warm = setTimeout(() => (finishAudit = startAudit()), warmUpSeconds * 1000 - clock.nowNs() / 1e6)
  const finishReports = startReports(sender, clock, engine)
  try {
    await Promise.race([driver.finished, aborted(engine.stop), aborted(engine.finish)])
    if (engine.stop.aborted || engine.finish.aborted) driver.stop()
    const worker = finishAudit()
    await drain(sender, timeoutMs, engine.stop)
    return resultOf(sender, driver.drivenNs, worker)
  } finally {
    clearTimeout(warm)
    sender.close()
    finishReports()
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

/** Tells the engine at the end of each second what happened in it; the function that it returns tells the rest. */
function startReports(sender: Sender, clock: LoadClock, { tell }: Engine): () => void {
  let second = 0
  let sentBefore = 0
  let timer: NodeJS.Timeout | undefined
  const report = (): void => {
    tell({ kind: 'outcomes', second, sent: sender.sent - sentBefore, rows: sender.outcomes.take() })
    sentBefore = sender.sent
    second += 1
  }
  const reportLater = (): void => {
    const leftMs = (second + 1) * 1000 - clock.nowNs() / 1e6
    timer = setTimeout(() => (report(), reportLater()), leftMs)
  }
  reportLater()
  return () => {
    clearTimeout(timer)
    report()
  }
}

const resultOf = (sender: Sender, drivenNs: number, worker: LoadWorker): OpenResult => ({
  connections: sender.pool.counts,
  connectFailures: sender.pool.failures,
  worker,
  drivenNs,
  waited: sender.waits.total,
})

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
