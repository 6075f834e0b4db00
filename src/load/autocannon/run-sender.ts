import autocannon from 'autocannon'
import { plannedSeconds } from '../../core/load-stages.ts'
import type { ProfileForSending } from '../../scenario/load-profile/load-profile-file.ts'
import { arrivalTimes } from '../arrival-times.ts'
import type { LoadPlan } from '../load-plan.ts'
import { requestRenderer } from '../worker/render-request.ts'
import { readToken } from '../target/token.ts'
import { LoadClock } from '../worker/load-clock.ts'
import type { SenderResult, SenderTask } from '../worker/messages.ts'
import { partOf, profileOf, runSession } from '../worker/run-session.ts'
import type { Engine } from '../worker/serve-engine.ts'
import { AutocannonSender } from './autocannon-sender.ts'
import { Feed } from './feed.ts'
import { GuardedClient } from './guarded-client.ts'
import type { InnerClient, InnerOptions } from './inner-client.ts'

/** autocannon makes all of its clients at once: of a pool that may grow, so many times those that are opened first. */
const reserveFactor = 4

/**
 * One sender process from its task to its result: one instance of autocannon, without workers of its own. `given` takes
 * the place of the profile that the plan names.
 */
export async function runAutocannonSender(
  task: SenderTask,
  engine: Engine,
  given?: ProfileForSending,
): Promise<SenderResult> {
  const { plan, worker: first } = task
  const { profile, sequence } = await profileOf(task, given)
  const clock = new LoadClock()
  const { model, connections, maxConnections = 0, maxRequests, workers: stride } = plan
  const times = model.kind === 'open-model' ? arrivalTimes({ ...plan, ...model }, first, stride) : null
  const feed = new Feed({ sequence, first, stride, maxRequests, times })
  const sender = new AutocannonSender({ ...plan, requests: profile.requests, feed, clock })
  const most = Math.max(connections, Math.min(maxConnections, connections * reserveFactor))
  const instance = startInstance(plan, partOf(most, task), clock, sender)
  engine.stop.addEventListener('abort', () => sender.stop(), { once: true })
  if (engine.stop.aborted) sender.stop()
  engine.finish.addEventListener('abort', () => sender.finish(), { once: true })
  const worker = await runSession(task, engine, {
    sender,
    clock,
    openAll: (signal, onProgress) =>
      sender.openAll(partOf(connections, task), plan.connectRatePerSec / stride, signal, onProgress),
    drive: () => sender.drive(plannedSeconds(plan) * 1e9),
    drain: () => instance,
    close: () => sender.dispose(),
  })
  const { connections: counts, connectFailures, drivenNs, waits, gaveUp } = sender
  return { connections: counts, connectFailures, worker, drivenNs, waited: waits.total, gaveUp }
}

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
