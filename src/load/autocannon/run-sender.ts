import autocannon from 'autocannon'
import { loadProfileForSending, type ProfileForSending } from '../../scenario/load-profile-file.ts'
import { plannedSeconds, type LoadPlan } from '../load-plan.ts'
import { LoadClock } from '../worker/load-clock.ts'
import type { SenderResult, SenderTask } from '../worker/messages.ts'
import type { Engine } from '../worker/serve-engine.ts'
import { startAudit } from '../worker/self-audit.ts'
import { arrivalTimes } from '../schedule.ts'
import { readToken } from '../token.ts'
import { AutocannonSender } from './autocannon-sender.ts'
import { Feed } from './feed.ts'
import { GuardedClient } from './guarded-client.ts'
import type { InnerClient, InnerOptions } from './inner-client.ts'
import { requestRenderer } from '../render-request.ts'

export interface AutocannonResult extends SenderResult {
  /** Failed attempts to connect while the load ran, by the code of the error. */
  readonly failures: Readonly<Record<string, number>>
  readonly gaveUp: boolean
}

/** autocannon makes all of its clients at once: of a pool that may grow, so many times those that are opened first. */
const reserveFactor = 4

/**
 * One sender process from its task to its result: one instance of autocannon, without workers of its own. `given` takes
 * the place of the profile that the plan names.
 */
export async function runAutocannonSender(
  { plan, worker }: SenderTask,
  engine: Engine,
  given?: ProfileForSending,
): Promise<AutocannonResult> {
  const { profile, sequence } = given ?? (await loadProfileForSending(plan))
  const clock = new LoadClock()
  const { maxRequests, workers: stride, timeoutMs, warmUpSeconds } = plan
  const times = timesOf(plan, worker, stride)
  const feed = new Feed({ sequence, first: worker, stride, maxRequests, times })
  const sender = new AutocannonSender({ requests: profile.requests, feed, clock, timeoutMs, warmUpSeconds })
  const partOf = (total: number): number => Math.floor(total / stride) + (worker < total % stride ? 1 : 0)
  const most = Math.min(plan.maxConnections ?? 0, plan.connections * reserveFactor)
  const instance = startInstance(plan, partOf(Math.max(plan.connections, most)), clock, sender)
  engine.stop.addEventListener('abort', () => sender.stop(), { once: true })
  if (engine.stop.aborted) sender.stop()
  engine.finish.addEventListener('abort', () => sender.finish(), { once: true })
  try {
    await sender.openAll(partOf(plan.connections), plan.connectRatePerSec / stride, engine.stop, (opened) =>
      engine.tell({ kind: 'opening', opened }),
    )
    engine.tell({ kind: 'ready' })
    const startNs = await Promise.race([engine.start, aborted(engine.stop)])
    if (startNs !== undefined) clock.startAt(startNs)
    const finishReports = startReports(sender, engine)
    const finishAudit = startAudit()
    const audit = await sender.drive(plannedSeconds(plan) * 1e9).then(finishAudit)
    await instance
    finishReports()
    const { connections: counts, drivenNs, waits, failures, gaveUp } = sender
    return { connections: counts, worker: audit, drivenNs, waited: waits.total, failures, gaveUp }
  } finally {
    sender.dispose()
  }
}

const timesOf = ({ model, stages, seed, maxRequests }: LoadPlan, worker: number, stride: number) =>
  model.kind === 'arrivals' ? arrivalTimes({ stages, seed, maxRequests, ...model }, worker, stride) : null

/** Longer than any load; autocannon ends when all of its connections have. */
const neverSeconds = 2_000_000

/**
 * Starts autocannon on the sender's connections; resolves when all of them were closed. Every request is recorded by the
 * sender: autocannon's own histograms hold whole milliseconds, corrected by a wrong interval, and are left out. (It takes
 * `ignoreCoordinatedOmission` with a rate of its own only; there is none here, and so no correction.)
 */
async function startInstance(
  plan: LoadPlan,
  connections: number,
  clock: LoadClock,
  sender: AutocannonSender,
): Promise<void> {
  const { url, tokenEnv, timeoutMs: connectTimeoutMs } = plan
  const render = requestRenderer(url, readToken(tokenEnv, process.env))
  const options = { clock, render, connectTimeoutMs }
  const silent = { __custom: true as const, recordValue: nothing, destroy: nothing }
  const instance: InnerOptions = {
    url,
    connections,
    duration: neverSeconds,
    // It looks so often whether its connections have closed.
    sampleInt: 10,
    skipAggregateResult: true,
    setupClient: (client) => sender.add(new GuardedClient(client as InnerClient, options, sender)),
    histograms: { latencies: silent, requests: silent, throughput: silent },
  }
  await autocannon(instance)
}

const nothing = (): void => undefined

/** Reports once a second what became of requests; the function that it returns reports the rest. */
function startReports(sender: AutocannonSender, engine: Engine): () => void {
  let second = 0
  let sentBefore = 0
  const report = (): void => {
    const { sent, outcomes } = sender
    engine.tell({ kind: 'outcomes', second, sent: sent - sentBefore, rows: outcomes.take() })
    second += 1
    sentBefore = sent
  }
  const ticks = setInterval(report, 1000).unref()
  return () => {
    clearInterval(ticks)
    report()
  }
}

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
