import cluster from 'node:cluster'
import { AggregatorRegistry } from 'prom-client'
import { failedReport, type ApiOrder, type ApiReport } from './api-message.ts'
import type { ApiContext } from './api-context.ts'
import { RequestMetrics } from './metrics.ts'
import { startApi, type RunningApi } from './start-api.ts'

// Serves the API in a process of its own, alone or as one of several workers, as its parent says. It ends when it is
// ordered to, at SIGTERM, and when its parent is gone, always after answering what it has accepted.

const metrics = new RequestMetrics()
const waiting: ((text: string) => void)[] = []
let running: Promise<RunningApi> | undefined

const report = (report: ApiReport): void => void process.send?.(report)

const askParent = (): Promise<string> =>
  new Promise((resolve) => {
    waiting.push(resolve)
    report({ kind: 'metrics' })
  })

function context(facts: ApiContext['facts']): ApiContext {
  if (!cluster.isWorker) return { metrics, metricsText: () => metrics.registry.metrics(), facts }
  AggregatorRegistry.setRegistries([metrics.registry])
  // An instance answers the parent's collection.
  void new AggregatorRegistry()
  return { metrics, metricsText: askParent, facts }
}

async function start(order: Extract<ApiOrder, { kind: 'start' }>): Promise<void> {
  try {
    running = startApi(order.options, context(order.facts))
    const { url, port, facts } = await running
    report({ kind: 'listening', url, port, facts })
  } catch (error) {
    report(failedReport(error))
    leave()
  }
}

async function close(): Promise<void> {
  const api = await running?.catch(() => undefined)
  await api?.close()
  leave()
}

/** Nothing else keeps the process alive. */
function leave(): void {
  if (process.connected) process.disconnect()
}

process.on('message', (order: ApiOrder) => {
  if (order.kind === 'start') void start(order)
  else if (order.kind === 'close') void close()
  else if (order.kind === 'metrics') waiting.shift()?.(order.text)
})
process.once('disconnect', () => void close())
process.once('SIGTERM', () => void close())
// Ctrl-C reaches all processes of a terminal; the parent decides what it means.
process.on('SIGINT', () => undefined)
report({ kind: 'ready' })
