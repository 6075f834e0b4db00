import { formatBytes } from '../../../src/core/number-format.ts'
import type { Goal } from '../bench-report.ts'
import type { ToolRun } from '../measure-tool.ts'
import { latenessOf, openMeasurement, peakRssBytes, ratio, type SpeedResult } from './speed-table.ts'
import { crowd, promisedRate } from './speed-tools.ts'
import { showSpread, spreadOf } from '../spread.ts'

const times = (value: number): string => `${value.toFixed(2)}×`

/** The promises about speed; one that a missing tool is needed for is not measured. */
export function speedGoals(results: readonly SpeedResult[], crowds: readonly ToolRun[]): readonly Goal[] {
  const find = (name: string, ratePerSec: number | null): SpeedResult | undefined =>
    results.find(
      ({ entry, samples }) =>
        entry.tool.name === name && entry.ratePerSec === ratePerSec && samples.length > 0,
    )
  const open = find('open', promisedRate)
  const fastest = find('open', 10_000)
  return [
    ratioGoal(
      'open at 5,000 arrivals/s ≥ 2× the requests per CPU-second of k6',
      2,
      open,
      find('k6', promisedRate),
    ),
    ratioGoal(
      'open at 2,000 arrivals/s ≥ 2× the requests per CPU-second of k6',
      2,
      find('open', 2000),
      find('k6', 2000),
    ),
    ratioGoal(
      'open at 10,000 arrivals/s ≥ 0.7× autocannon in its closed loop',
      0.7,
      fastest,
      find('autocannon', null),
    ),
    ratioGoal(
      'open at 5,000 arrivals/s ≥ 0.7× autocannon in its closed loop',
      0.7,
      open,
      find('autocannon', null),
    ),
    ratioGoal(
      'open, peak ≥ 0.7× autocannon in its closed loop',
      0.7,
      find('open', null),
      find('autocannon', null),
    ),
    latenessGoal(open),
    ...crowdGoals(crowds),
  ]
}

function ratioGoal(
  promise: string,
  least: number,
  a: SpeedResult | undefined,
  b: SpeedResult | undefined,
): Goal {
  if (a === undefined || b === undefined) return { promise, measured: 'a tool is missing', met: null }
  const steady = ratio(a, b, 'requestsPerCpuSecond')
  const whole = ratio(a, b, 'wholeRequestsPerCpuSecond')
  const measured = `${showSpread(steady, times)}; with start and end ${showSpread(whole, times)}`
  return { promise, measured, met: steady.median >= least }
}

function latenessGoal(open: SpeedResult | undefined): Goal {
  const promise = 'open at 5,000 arrivals/s sends ≤ 2 ms late at P99'
  if (open === undefined) return { promise, measured: 'not run', met: null }
  const late = open.runs.map((run) => latenessOf(open.entry, run))
  const says = spreadOf(late.map(({ saysP99Ms }) => saysP99Ms ?? NaN))
  const server = spreadOf(late.map(({ serverP99Ms }) => serverP99Ms))
  const ms = (value: number): string => `${value.toFixed(2)} ms`
  return {
    promise,
    measured: `${showSpread(says, ms)}; at the server ${showSpread(server, ms)}`,
    met: says.median <= 2,
  }
}

function crowdGoals(runs: readonly ToolRun[]): readonly Goal[] {
  if (runs.length === 0) return []
  const held = Math.min(...runs.map(({ truth }) => truth.connections.peak))
  const failed = Math.max(...runs.map(({ report }) => report.failed))
  const neverSent = Math.max(
    ...runs.map((run) => openMeasurement(run).ledger.reduce((sum, entry) => sum + entry.neverSent, 0)),
  )
  const rssBytes = spreadOf(runs.map(peakRssBytes))
  return [
    {
      promise: 'open holds 10,000 connections with a ramp, 0 errors',
      measured: `${held.toLocaleString('en-US')} at the server, ${failed} failed and ${neverSent} never sent of ${runs[0]?.report.requests.toLocaleString('en-US')}`,
      met: held >= crowd.connections && failed + neverSent === 0,
    },
    {
      promise: 'with them all its processes hold ≤ 600 MB',
      measured: showSpread(rssBytes, formatBytes),
      met: rssBytes.max <= 600e6,
    },
  ]
}
