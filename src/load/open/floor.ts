import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../../core/child-environment.ts'
import { sourceLoader } from '../../core/source-loader.ts'
import { decodeLatencies, latencyQuantileNs, mergeLatencies } from '../../stats/latency-counts.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import type { LoadPlan } from '../load-plan.ts'
import { openEngine } from './open-engine.ts'

const entry = fileURLToPath(new URL(`./null-server.process${import.meta.url.slice(-3)}`, import.meta.url))

const connections = 100
const maxRequests = 1_000_000

/**
 * What this machine and the `open` sender can do without a target: the plan's model and rate for a second, after one to
 * warm up, against a server of ours that does nothing, in a process of its own. Latencies are response times where the
 * model has them, else service times. Null when it was interrupted or nothing came of it.
 */
export async function measureFloor(plan: LoadPlan, signal: AbortSignal): Promise<LoadRun['floor']> {
  const server = fork(entry, [], {
    execArgv: sourceLoader(entry),
    env: childEnvironment(),
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const kill = (): void => void server.kill('SIGKILL')
  process.once('exit', kill)
  try {
    const [port] = (await once(server, 'message', { signal })) as [number]
    const measurement = await openEngine(floorPlan(plan, port), { signal, emit: () => undefined })
    return measurement.interrupted ? null : floorOf(measurement)
  } catch (error) {
    if (signal.aborted) return null
    throw error
  } finally {
    kill()
    process.removeListener('exit', kill)
  }
}

const floorPlan = (plan: LoadPlan, port: number): LoadPlan => ({
  ...plan,
  url: `http://127.0.0.1:${port}`,
  stages: [{ seconds: 2, fromLevel: 1, toLevel: 1 }],
  warmUpSeconds: 1,
  connections: Math.min(plan.connections, connections),
  connectRatePerSec: 1000,
  timeoutMs: 2000,
  maxRequests,
  tokenEnv: null,
})

function floorOf({ slices }: LoadRun['measurement']): LoadRun['floor'] {
  const measured = slices.filter(({ second }) => second === 1)
  const latencies = mergeLatencies(
    measured.map(({ response, service }) => decodeLatencies(response ?? service)),
  )
  if (latencies.samples === 0) return null
  return {
    ratePerSec: latencies.samples,
    p50Ns: latencyQuantileNs(latencies, 0.5),
    p95Ns: latencyQuantileNs(latencies, 0.95),
    p99Ns: latencyQuantileNs(latencies, 0.99),
  }
}
