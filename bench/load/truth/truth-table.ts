import { latencyQuantileNs } from '../../../src/stats/latency-counts.ts'
import { textTable } from '../../text/text-table.ts'
import { expectedQuantileMs, type AskedSchedule } from '../calibration/expected.ts'
import type { MeasuredLoad, PlannedLoad, ToolRun } from '../measure-tool.ts'
import { showSpread, spreadOf } from '../spread.ts'
import type { TruthCase } from './truth-cases.ts'

type Value = (run: ToolRun) => number

const medianOf = (runs: readonly ToolRun[], value: Value): number => spreadOf(runs.map(value)).median
const showMs = (ms: number): string => ms.toFixed(ms < 100 ? 2 : 0)
const showShare = (share: number): string => `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)} %`

/** How far what a tool says is from the truth, over repetitions: the median in milliseconds, and as a share. */
function showError(runs: readonly ToolRun[], says: Value, truth: Value): string {
  const errorMs = medianOf(runs, (run) => says(run) - truth(run))
  const shares = spreadOf(runs.map((run) => (says(run) - truth(run)) / truth(run)))
  return `${errorMs > 0 ? '+' : ''}${showMs(errorMs)} ms  ${showSpread(shares, showShare)}`
}

const nameOf = ({ tool, connections }: PlannedLoad): string =>
  `${tool.name}, ${connections} ${tool.name === 'k6' ? 'VUs' : 'connections'}`

/** The table of one case: P95 and P99 of each tool beside what the server recorded and what the schedule must see. */
export function latencyTable(
  { title, behaviour }: TruthCase,
  schedule: AskedSchedule,
  results: readonly MeasuredLoad[],
): string {
  const rows = results.flatMap((load) =>
    ([0.95, 0.99] as const).map((q, i) => {
      const { runs } = load
      const says: Value = ({ report }) => (q === 0.95 ? report.p95Ms : report.p99Ms) ?? NaN
      const server: Value = ({ truth }) => latencyQuantileNs(truth.answers, q) / 1e6
      const asked: Value = () => expectedQuantileMs(behaviour, schedule, q)
      return [
        i === 0 ? nameOf(load) : '',
        `P${q * 100}`,
        showMs(medianOf(runs, says)),
        showMs(medianOf(runs, server)),
        showError(runs, says, server),
        showMs(medianOf(runs, asked)),
        showError(runs, says, asked),
        i === 0 ? (runs[0]?.report.note ?? '') : '',
      ]
    }),
  )
  const head = ['', '', 'says (ms)', 'server (ms)', 'error', 'schedule (ms)', 'error', 'and says']
  return `${title}\n${textTable(head, rows, ['and says'])}`
}

/** The table of lost requests: what each tool says failed beside what the server did. */
export function lossTable({ title }: TruthCase, results: readonly MeasuredLoad[]): string {
  const rows = results.map((load) => {
    const { runs } = load
    const count = (value: Value): string => Math.round(medianOf(runs, value)).toLocaleString('en-US')
    const share = (value: Value): string =>
      showSpread(spreadOf(runs.map(value)), (each) => `${(each * 100).toFixed(2)} %`)
    return [
      nameOf(load),
      count(({ truth }) => truth.received),
      count(({ truth }) => truth.closed),
      share(({ truth }) => truth.closed / truth.received),
      count(({ report }) => report.requests),
      count(({ report }) => report.failed),
      share(({ report }) => report.failed / report.requests),
    ]
  })
  const head = ['', 'server received', 'closed', 'share', 'tool counts', 'failed', 'share']
  return `${title}\n${textTable(head, rows)}\n${goNote}`
}

const goNote =
  "Go's HTTP client (k6) silently repeats a GET whose reused connection was closed: the server receives more than it counts."
