import { formatBytes } from '../../../src/core/number-format.ts'
import type { LoadMeasurement } from '../../../src/run/load-run.ts'
import type { ToolRun } from '../measure-tool.ts'
import { readMeasurement } from '../rivals/forgebench.ts'
import { isOpenLoop, type SpeedEntry } from './speed-tools.ts'
import { showSpread, spreadOf, type Spread } from '../spread.ts'
import { latenessAtServerMs, steadyWindow, type SteadyWindow } from '../steady-window.ts'
import { textTable } from '../../text/text-table.ts'

/** One repetition of one tool. */
export interface SpeedSample extends SteadyWindow {
  /** Answered, over all that the sender's processes used from start to end. */
  readonly wholeRequestsPerCpuSecond: number
  readonly peakRssBytes: number
  readonly failed: number
}

export interface SpeedResult {
  readonly entry: SpeedEntry
  readonly runs: readonly ToolRun[]
  readonly samples: readonly SpeedSample[]
}

export const speedSample = (run: ToolRun, seconds: number): SpeedSample => ({
  ...steadyWindow(run, seconds),
  wholeRequestsPerCpuSecond: run.truth.answered / run.result.cpuSeconds,
  peakRssBytes: peakRssBytes(run),
  failed: run.report.failed,
})

export const peakRssBytes = ({ result }: ToolRun): number =>
  Math.max(...result.samples.map(({ rssBytes }) => rssBytes))

const rounded = (value: number): string => Math.round(value).toLocaleString('en-US')

export function nameOf({ tool, ratePerSec }: SpeedEntry): string {
  if (ratePerSec === null) return tool.name === 'open' ? 'open, peak' : `${tool.name}, closed loop`
  return `${tool.name}, ${rounded(ratePerSec)} arrivals/s`
}

const of = ({ samples }: SpeedResult, value: (sample: SpeedSample) => number): Spread =>
  spreadOf(samples.map(value))

export function speedTable(results: readonly SpeedResult[]): string {
  const rows = results.map((result) => [
    nameOf(result.entry),
    rounded(of(result, ({ requestsPerSec }) => requestsPerSec).median),
    of(result, ({ cores }) => cores).median.toFixed(2),
    showSpread(
      of(result, ({ requestsPerCpuSecond }) => requestsPerCpuSecond),
      rounded,
    ),
    showSpread(
      of(result, ({ wholeRequestsPerCpuSecond }) => wholeRequestsPerCpuSecond),
      rounded,
    ),
    formatBytes(of(result, ({ peakRssBytes }) => peakRssBytes).median),
    rounded(of(result, ({ failed }) => failed).max),
  ])
  const head = [
    '',
    'requests/s',
    'cores',
    'requests per CPU-second',
    'with start and end',
    'memory',
    'failed',
  ]
  return textTable(head, rows)
}

/** Repetition by repetition, how many times as much `a` does with a CPU-second as `b`. */
export function ratio(
  a: SpeedResult,
  b: SpeedResult,
  value: 'requestsPerCpuSecond' | 'wholeRequestsPerCpuSecond',
): Spread {
  return spreadOf(a.samples.map((sample, i) => sample[value] / (b.samples[i]?.[value] ?? NaN)))
}

/** How late requests left by what `open` says, null for other tools, and came to the server, in milliseconds. */
export interface Lateness {
  readonly saysP99Ms: number | null
  readonly serverP50Ms: number
  readonly serverP99Ms: number
}

const warmUpSeconds = 2

export function latenessOf({ tool, ratePerSec }: SpeedEntry, run: ToolRun): Lateness {
  const rate = ratePerSec ?? NaN
  const ms = latenessAtServerMs(run.arrivalsMs.slice(warmUpSeconds * rate), rate)
  const at = (q: number): number => ms[Math.min(ms.length - 1, Math.floor(q * ms.length))] ?? NaN
  const says = tool.name === 'open' ? openMeasurement(run).lateness : null
  return {
    saysP99Ms: says === null ? null : says.p99Ns / 1e6,
    serverP50Ms: at(0.5),
    serverP99Ms: at(0.99),
  }
}

export const openMeasurement = ({ result }: ToolRun): LoadMeasurement => readMeasurement(result)

export function latenessTable(results: readonly SpeedResult[]): string {
  const rows = results
    .filter(({ entry }) => isOpenLoop(entry))
    .map(({ entry, runs }) => {
      const late = runs.map((run) => latenessOf(entry, run))
      const show = (value: (one: Lateness) => number | null): string =>
        showSpread(spreadOf(late.flatMap((one) => value(one) ?? [])), (ms) => ms.toFixed(2))
      return [
        nameOf(entry),
        show(({ saysP99Ms }) => saysP99Ms),
        show(({ serverP50Ms }) => serverP50Ms),
        show(({ serverP99Ms }) => serverP99Ms),
      ]
    })
  return textTable(['ms late', 'P99, it says', 'P50 at the server', 'P99 at the server'], rows)
}
