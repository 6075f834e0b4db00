import autocannon from 'autocannon'
import type { ProfileForSending } from '../../scenario/load-profile/load-profile-file.ts'
import { runSender } from '../open/run-sender.ts'
import type { SenderResult, SenderTask } from '../worker/messages.ts'
import { partOf } from '../worker/sender-session.ts'
import type { Engine } from '../worker/serve-engine.ts'
import { AutocannonWire } from './autocannon-wire.ts'
import type { InnerClient, InnerOptions } from './inner-client.ts'

/** autocannon makes all of its clients at once: of a pool that may grow, so many times those that are opened first. */
const reserveFactor = 4
/** Longer than any load; autocannon ends when all of its clients have. */
const neverSeconds = 2_000_000
const nothing = (): void => undefined

/**
 * The sender of `open` over the clients of one instance of autocannon, without workers of its own. autocannon's own
 * histograms hold whole milliseconds, corrected by a wrong interval, and are left out. (It takes `ignoreCoordinatedOmission`
 * with a rate of its own only; there is none here, and so no correction.)
 */
export async function runAutocannonSender(
  { plan, worker }: SenderTask,
  engine: Engine,
  given?: ProfileForSending,
): Promise<SenderResult> {
  const { url, connections, timeoutMs } = plan
  const maxConnections = Math.max(
    connections,
    Math.min(plan.maxConnections ?? 0, connections * reserveFactor),
  )
  const task = { plan: { ...plan, maxConnections }, worker }
  const wires: AutocannonWire[] = []
  const clients: InnerClient[] = []
  const silent = { __custom: true as const, recordValue: nothing, destroy: nothing }
  const options: InnerOptions = {
    url,
    connections: partOf(maxConnections, task),
    duration: neverSeconds,
    // How often it checks whether its clients have ended.
    sampleInt: 10,
    skipAggregateResult: true,
    setupClient: (client) => {
      const inner = client as InnerClient
      clients.push(inner)
      wires.push(new AutocannonWire(inner, timeoutMs, (wire) => wires.push(wire)))
    },
    histograms: { latencies: silent, requests: silent, throughput: silent },
  }
  const instance = autocannon(options)
  try {
    return await runSender(task, engine, given, { newWire: () => wires.pop()!, givesUp: true })
  } finally {
    for (const client of clients) client.destroy()
    await instance
  }
}
