import { fileURLToPath } from 'node:url'
import type { LoadPlan } from '../../../src/load/load-plan.ts'
import type { LoadMeasurement } from '../../../src/run/load/load-run.ts'
import { latenciesOf, loadSamples } from '../../../src/run/load/load-samples.ts'
import { latencyQuantileNs } from '../../../src/stats/latency-counts.ts'
import type { LoadTool, ToolLoad, ToolReport } from './load-tool.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** What differs from one use of `open` to another; the rest is the same everywhere. */
type OpenOptions = Partial<Pick<LoadPlan, 'workers' | 'connectRatePerSec' | 'warmUpSeconds'>>

/** The engine `open` of dist/, in a process of its own; without a rate it sends as fast as answers allow. */
export const openTool = (options: OpenOptions = {}): LoadTool => ({
  name: 'open',
  version: () => 'this tree',
  command: (load) => ({
    file: process.execPath,
    args: [here('./run-open.mjs')],
    input: JSON.stringify({ ...planOf(load), ...options }),
  }),
  read: (result) => reportOf(readMeasurement(result)),
})

/** As `forgebench load` plans it where nothing else is said. */
const planOf = ({ url, ratePerSec, seconds, connections }: ToolLoad): LoadPlan => ({
  url,
  profilePath: here('./one-get.ts'),
  dataPath: here('./one-get.data.json'),
  mix: 'one',
  seed: 1,
  model: ratePerSec === null ? { kind: 'peak' } : { kind: 'open-model', ratePerSec, spacing: 'uniform' },
  stages: [{ seconds, fromLevel: 1, toLevel: 1 }],
  connections,
  connectRatePerSec: 1000,
  workers: 1,
  warmUpSeconds: 0,
  timeoutMs: 10_000,
  maxRequests: 10_000_000,
  tokenEnv: null,
})

/** @throws Error when the engine printed no measurement */
export function readMeasurement({ stdout, stderr }: { stdout: string; stderr: string }): LoadMeasurement {
  if (!stdout.startsWith('{')) throw new Error(`open printed no measurement: ${stderr.slice(-500)}`)
  return JSON.parse(stdout) as LoadMeasurement
}

/** Percentiles of response time, from the intended start; service time where there is none. */
function reportOf(measurement: LoadMeasurement): ToolReport {
  const latencies = latenciesOf(loadSamples({ measurement }), 'response', 'recorded')
  const ms = (q: number): number | null =>
    latencies.samples === 0 ? null : latencyQuantileNs(latencies, q) / 1e6
  const total = (count: (entry: LoadMeasurement['accounting'][number]) => number): number =>
    measurement.accounting.reduce((sum, entry) => sum + count(entry), 0)
  const neverSent = total((entry) => entry.neverSent)
  return {
    requests: total(({ sent }) => sent),
    failed: total(({ sent, answered }) => sent - (answered[200] ?? 0)),
    p95Ms: ms(0.95),
    p99Ms: ms(0.99),
    note: neverSent === 0 ? '' : `${neverSent} never sent`,
  }
}
