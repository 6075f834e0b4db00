import { formatBytes, formatInteger } from '../../../src/core/number-format.ts'
import { textTable } from '../../text/text-table.ts'
import type { MeasuredLoad, ToolRun } from '../measure-tool.ts'
import { readMeasurement } from '../rivals/forgebench.ts'
import { showSpread, spreadOf, type Spread } from '../spread.ts'
import { nameOf } from './speed-tools.ts'
import { latenessAtServerMs, steadyWindow } from './steady-window.ts'

const rounded = (value: number): string => formatInteger(Math.round(value))
const twoDecimals = (value: number): string => value.toFixed(2)

const peakRssBytes = ({ result }: ToolRun): number =>
  Math.max(...result.samples.map(({ rssBytes }) => rssBytes))

export function speedTable(results: readonly MeasuredLoad[]): string {
  const rows = results.map((load) => {
    const { runs, seconds } = load
    const windows = runs.map(({ truth, result }) => steadyWindow(truth.arrivalsMs, result.samples, seconds))
    const of = (value: (run: ToolRun) => number): Spread => spreadOf(runs.map(value))
    return [
      nameOf(load),
      rounded(spreadOf(windows.map(({ requestsPerSec }) => requestsPerSec)).median),
      twoDecimals(spreadOf(windows.map(({ cores }) => cores)).median),
      showSpread(spreadOf(windows.map(({ requestsPerCpuSecond }) => requestsPerCpuSecond)), rounded),
      showSpread(
        of(({ truth, result }) => truth.answered / result.cpuSeconds),
        rounded,
      ),
      formatBytes(of(peakRssBytes).median),
      rounded(of(({ report }) => report.failed).max),
    ]
  })
  const head = 'requests/s,cores,requests per CPU-second,with start and end,memory,failed'.split(',')
  return textTable(['', ...head], rows)
}

const warmUpSeconds = 2

/** How late requests left by what `open` says of itself, and came to the server. */
export function latenessTable(results: readonly MeasuredLoad[]): string {
  const rows = results.flatMap((load) => {
    const { ratePerSec, runs, tool } = load
    if (ratePerSec === null) return []
    const says = tool.name === 'open' ? runs.map((run) => readMeasurement(run.result).lateness) : []
    const atServer = runs.map(({ truth }) =>
      latenessAtServerMs(truth.arrivalsMs.slice(warmUpSeconds * ratePerSec), ratePerSec),
    )
    const quantileOf = (q: number): string =>
      showSpread(spreadOf(atServer.map((ms) => ms[Math.floor(q * ms.length)] ?? NaN)), twoDecimals)
    return [
      [
        nameOf(load),
        showSpread(spreadOf(says.flatMap((late) => (late === null ? [] : late.p99Ns / 1e6))), twoDecimals),
        quantileOf(0.5),
        quantileOf(0.99),
      ],
    ]
  })
  return textTable(['ms late', 'P99, it says', 'P50 at the server', 'P99 at the server'], rows)
}

/** What became of the connections that few requests use. */
export function crowdText({ runs, connections, ratePerSec }: MeasuredLoad): string {
  const p99 = spreadOf(runs.map(({ report }) => report.p99Ms ?? NaN))
  const held = Math.min(...runs.map(({ truth }) => truth.connections.peak))
  const failed = Math.max(...runs.map(({ report }) => report.failed))
  return [
    `${formatInteger(connections)} connections opened at 2,000/s, then ${formatInteger(ratePerSec ?? NaN)} arrivals/s: P99 ${showSpread(p99, (ms) => `${ms.toFixed(2)} ms`)},`,
    `memory ${showSpread(spreadOf(runs.map(peakRssBytes)), formatBytes)}; ${formatInteger(held)} open at once, ${failed} failed`,
  ].join(' ')
}
