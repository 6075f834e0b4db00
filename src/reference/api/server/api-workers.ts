import cluster, { type Worker } from 'node:cluster'
import { AggregatorRegistry } from 'prom-client'
import { childEnvironment } from '../../../core/child-environment.ts'
import { freePort } from '../../../target/server/free-port.ts'
import type { ApiReport, Listening } from './api-message.ts'
import { apiEntry, apiExecArgv, exitOf, listening, order } from './fork-api.ts'
import { once, type ApiOptions, type RunningApi } from './start-api.ts'

/**
 * Starts the reference API in several processes that share one port. They share the database too, so only one of them
 * writes at a time; what scales is reading and HTTP. A worker that dies is replaced, and `warn` is called. End the process
 * after closing: it may keep a connection that came when the last worker went (a flaw of `node:cluster`).
 * @throws UsageError and TargetError as `startApi`
 */
export async function startApiWorkers(
  options: ApiOptions,
  count: number,
  warn: (text: string) => void,
): Promise<RunningApi> {
  cluster.setupPrimary({ exec: apiEntry, execArgv: [...apiExecArgv], args: [] })
  const registry = new AggregatorRegistry()
  const exits = new Set<Promise<unknown>>()
  let closing = false
  // Chosen here: workers share a port by its number, and each that asked for any would get another.
  const port = options.port === 0 ? await freePort(options.host) : options.port
  const add = async (): Promise<Listening> => {
    const worker = cluster.fork(workerEnvironment(options))
    const exited = exitOf(worker.process).finally(() => exits.delete(exited))
    exits.add(exited)
    answerMetrics(worker, registry)
    const facts = { workers: String(count) }
    const report = await listening(worker.process, { kind: 'start', options: { ...options, port }, facts })
    void replace(exited)
    return report
  }
  const replace = async (exited: ReturnType<typeof exitOf>): Promise<void> => {
    const how = await exited
    if (closing) return
    warn(`a worker of the API died (${how}); starting another`)
    await add().catch((error: unknown) => warn(String(error)))
  }
  const close = once(async () => {
    closing = true
    for (const worker of Object.values(cluster.workers ?? {})) order(worker?.process, { kind: 'close' })
    await Promise.all(exits)
  })
  try {
    // What is wrong with the port or the database, the first finds out alone.
    const first = await add()
    await Promise.all(Array.from({ length: count - 1 }, add))
    return { url: first.url, port: first.port, facts: first.facts, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** What every child is given and the token of the database; `cluster` adds all other variables that are not unset. */
const workerEnvironment = ({ tokenEnv }: ApiOptions): Readonly<Record<string, string | undefined>> => ({
  ...Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined])),
  ...childEnvironment([tokenEnv]),
})

/** A worker knows its own numbers only; whoever asks it means all of them. */
function answerMetrics(worker: Worker, registry: { clusterMetrics(): Promise<string> }): void {
  worker.on('message', (report: ApiReport) => {
    if (report.kind !== 'metrics') return
    void registry.clusterMetrics().then((text) => order(worker.process, { kind: 'metrics', text }))
  })
}
