import { setTimeout as pause } from 'node:timers/promises'
import { UsageError } from '../../core/errors.ts'
import { loadProfileForSending, type ProfileForSending } from '../../scenario/load-profile-file.ts'
import type { LoadPlan } from '../load-plan.ts'
import { readToken } from '../token.ts'
import { Arrivals } from './arrivals.ts'
import { ClosedLoop } from './closed-loop.ts'
import type { Driver } from './driver.ts'
import { endpointOf } from './endpoint.ts'
import { LoadClock } from './load-clock.ts'
import type { SenderResult, SenderTask } from './messages.ts'
import { Metronome } from './metronome.ts'
import { Sender } from './sender.ts'
import { startAudit } from './self-audit.ts'
import type { Engine } from './serve-engine.ts'

const tickMs = 1000
const pollMs = 10

/** This sender's part of something that all senders share. */
const partOf = (total: number, { worker, plan }: SenderTask): number =>
  Math.floor(total / plan.workers) + (worker < total % plan.workers ? 1 : 0)

/** One sender process from its task to its result; `given` takes the place of the profile that the plan names. */
export async function runSender(
  task: SenderTask,
  engine: Engine,
  given?: ProfileForSending,
): Promise<SenderResult> {
  const { plan } = task
  const loaded = given ?? (await loadProfileForSending(plan))
  const clock = new LoadClock()
  const token = readToken(plan.tokenEnv, process.env)
  const sender = new Sender({
    profile: loaded.profile,
    endpoint: endpointOf(plan.url, plan.timeoutMs, token),
    clock,
    connections: partOf(plan.connections, task),
    opensPerSec: plan.connectRatePerSec / plan.workers,
  })
  const metronome = await metronomeFor(task)
  try {
    await sender.pool.openAll(engine.stop, (opened) => engine.tell({ kind: 'opening', opened }))
    engine.tell({ kind: 'ready' })
    const startNs = await Promise.race([engine.start, aborted(engine.stop)])
    if (startNs === undefined) return resultOf(sender, 0, startAudit()())
    clock.startAt(startNs)
    const driver = startDriver(task, { sender, clock, loaded, metronome, startNs })
    return await drive(sender, driver, { ...plan, clock, engine })
  } finally {
    sender.close()
    await metronome?.stop()
  }
}

function metronomeFor({ plan, worker }: SenderTask): Promise<Metronome> | undefined {
  const { model, stages, seed, maxRequests } = plan
  if (model.kind !== 'arrivals') return undefined
  return Metronome.ready({ stages, seed, maxRequests, ...model }, worker, plan.workers)
}

interface Load {
  readonly sender: Sender
  readonly clock: LoadClock
  readonly loaded: ProfileForSending
  readonly metronome: Metronome | undefined
  readonly startNs: number
}

function startDriver({ plan, worker: first }: SenderTask, load: Load): Driver {
  const { sender, clock, loaded, metronome, startNs } = load
  const common = { first, stride: plan.workers, sequence: namingFailures(loaded.sequence), clock }
  const { model } = plan
  if (model.kind === 'arrivals') {
    const { stages, seed, maxRequests } = plan
    const driver = new Arrivals(sender, {
      ...common,
      plan: { stages, seed, maxRequests, ...model },
      onTaken: (count) => metronome?.taken(count),
    })
    metronome?.start(startNs, () => driver.fire())
    sender.onSettled = () => driver.fire()
    return driver
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
      const why = error instanceof Error ? error.message : String(error)
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
): Promise<SenderResult> {
  let finishAudit = startAudit()
  // What warming up costs says nothing of the load that is measured.
  const warm = setTimeout(() => (finishAudit = startAudit()), warmUpSeconds * 1000)
  const tell = reporter(sender, engine)
  let second = 0
  const ticks = setInterval(() => tell(second++), tickMs)
  try {
    while (!driver.isFinished && !engine.stop.aborted) await pause(pollMs)
    if (engine.stop.aborted) driver.stop()
    const worker = finishAudit()
    await drain(sender, clock, timeoutMs, engine.stop)
    return resultOf(sender, driver.drivenNs, worker)
  } finally {
    clearInterval(ticks)
    clearTimeout(warm)
    sender.close()
    tell(second)
  }
}

/** Waits for what is under way; a stopped load gives up what waits for a connection at once, others after a while. */
async function drain(sender: Sender, clock: LoadClock, timeoutMs: number, stop: AbortSignal): Promise<void> {
  const giveUpNs = clock.nowNs() + timeoutMs * 1e6
  while (sender.pending > 0) {
    if (stop.aborted || clock.nowNs() >= giveUpNs) sender.giveUpWaiting()
    await pause(pollMs)
  }
}

function reporter(sender: Sender, engine: Engine): (second: number) => void {
  let sentBefore = 0
  return (second) => {
    engine.tell({ kind: 'outcomes', second, sent: sender.sent - sentBefore, rows: sender.outcomes.take() })
    sentBefore = sender.sent
  }
}

const resultOf = (sender: Sender, drivenNs: number, worker: SenderResult['worker']): SenderResult => ({
  connections: sender.pool.counts,
  worker,
  drivenNs,
  waited: sender.waited,
})

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
