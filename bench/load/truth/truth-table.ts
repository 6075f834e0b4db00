import { textTable } from '../../text/text-table.ts'
import { expectedQuantileMs, type AskedSchedule } from '../calibration/expected.ts'
import { serverQuantileMs, type ToolRun } from '../measure-tool.ts'
import { showSpread, spreadOf, type Spread } from '../spread.ts'
import type { TruthCase } from './truth-cases.ts'
import type { TruthEntry } from './truth-tools.ts'

/** All repetitions of one tool in one case. */
export interface TruthResult {
  readonly entry: TruthEntry
  readonly runs: readonly ToolRun[]
}

/** How far a tool is from a truth, over repetitions. */
export interface Deviation {
  readonly saysMs: Spread
  readonly truthMs: Spread
  /** What it says less the truth. */
  readonly errorMs: Spread
  /** The same as a share of the truth. */
  readonly error: Spread
}

export function deviation(
  runs: readonly ToolRun[],
  quantile: 0.95 | 0.99,
  truthOf: (run: ToolRun) => number,
): Deviation {
  const says = runs.map(({ report }) => (quantile === 0.95 ? report.p95Ms : report.p99Ms) ?? NaN)
  const truths = runs.map(truthOf)
  const errors = says.map((ms, i) => ms - (truths[i] ?? NaN))
  return {
    saysMs: spreadOf(says),
    truthMs: spreadOf(truths),
    errorMs: spreadOf(errors),
    error: spreadOf(errors.map((ms, i) => ms / (truths[i] ?? NaN))),
  }
}

export const againstServer = (runs: readonly ToolRun[], q: 0.95 | 0.99): Deviation =>
  deviation(runs, q, (run) => serverQuantileMs(run, q))

export const againstSchedule = (
  { behaviour }: TruthCase,
  schedule: AskedSchedule,
  runs: readonly ToolRun[],
  q: 0.95 | 0.99,
): Deviation => deviation(runs, q, () => expectedQuantileMs(behaviour, schedule, q))

const showMs = (ms: number): string => ms.toFixed(ms < 100 ? 2 : 0)
const showShare = (share: number): string => `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)} %`
const showError = ({ errorMs, error }: Deviation): string =>
  `${errorMs.median > 0 ? '+' : ''}${showMs(errorMs.median)} ms  ${showSpread(error, showShare)}`

const nameOf = ({ tool, connections }: TruthEntry): string =>
  `${tool.name}, ${connections} ${tool.name === 'k6' ? 'VUs' : 'connections'}`

/** The table of one case: P95 and P99 of each tool beside both truths. */
export function latencyTable(
  truthCase: TruthCase,
  schedule: AskedSchedule,
  results: readonly TruthResult[],
): string {
  const rows = results.flatMap(({ entry, runs }) =>
    ([0.95, 0.99] as const).map((q, i) => {
      const server = againstServer(runs, q)
      const asked = entry.keepsRate ? againstSchedule(truthCase, schedule, runs, q) : undefined
      return [
        i === 0 ? nameOf(entry) : '',
        `P${q * 100}`,
        showMs(server.saysMs.median),
        showMs(server.truthMs.median),
        showError(server),
        asked === undefined ? 'no rate' : showMs(asked.truthMs.median),
        asked === undefined ? '' : showError(asked),
        i === 0 ? (runs[0]?.report.note ?? '') : '',
      ]
    }),
  )
  const head = ['', '', 'says (ms)', 'server (ms)', 'error', 'schedule (ms)', 'error', 'and says']
  return `${truthCase.title}\n${textTable(head, rows, ['and says'])}`
}

/** The table of lost requests: what each tool says failed beside what the server did. */
export function lossTable(truthCase: TruthCase, results: readonly TruthResult[]): string {
  const rows = results.map(({ entry, runs }) => {
    const middle = (value: (run: ToolRun) => number): string =>
      Math.round(spreadOf(runs.map(value)).median).toLocaleString('en-US')
    return [
      nameOf(entry),
      middle(({ truth }) => truth.received),
      middle(({ truth }) => truth.closed),
      showSpread(spreadOf(runs.map(closedShare)), (share) => `${(share * 100).toFixed(2)} %`),
      middle(({ report }) => report.requests),
      middle(({ report }) => report.failed),
      showSpread(spreadOf(runs.map(failedShare)), (share) => `${(share * 100).toFixed(2)} %`),
    ]
  })
  const head = ['', 'server received', 'closed', 'share', 'tool counts', 'failed', 'share']
  return `${truthCase.title}\n${textTable(head, rows)}\n${goNote}`
}

const goNote =
  "Go's HTTP client (k6, hey) silently repeats a GET whose reused connection was closed: the server receives more than they count."

export const closedShare = ({ truth }: ToolRun): number => truth.closed / truth.received
export const failedShare = ({ report }: ToolRun): number => report.failed / report.requests
