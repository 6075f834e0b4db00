import { plannedSeconds } from '../../core/load-stages.ts'
import type { RequestAccount, LoadMeasurement, LoadSlice } from '../../run/load/load-run.ts'
import { createdRows, mergeSlices } from '../worker/merge-measurements.ts'
import type { LoadPart } from './load-part.ts'
import type { PodSummary } from './pod-summary.ts'
import { histogramOf, type SlowCount } from './summary-histogram.ts'

type SummedRequest = PodSummary['requests'][number]

/** Where requests that were never sent stand in the accounting: a pod does not know which they would have been. */
const unknownOp = '(any)'

/** The summary of a pod as a part of a load. */
export function partOfSummary(summary: PodSummary, name: string): LoadPart {
  const { profile, load, url, segment, finishedAtMs, seconds, requests } = summary
  const { model, maxRequests, mix, ...settings } = load
  return {
    name,
    id: `${segment ?? 'whole'}@${finishedAtMs}`,
    startedAtMs: finishedAtMs - seconds * 1000,
    finishedAtMs,
    url,
    profile: {
      id: profile.title,
      ...profile,
      mix,
      requests: requests.map(({ op, title, method, weight, status }) => ({
        op,
        title,
        method,
        weight,
        status,
      })),
    },
    settings: {
      engine: 'k6',
      ...settings,
      model: model.kind === 'open-model' ? { ...model, spacing: 'uniform' } : model,
      connectRatePerSec: load.connections,
      maxRequests,
      workers: 1,
    },
    thresholds: Object.entries(summary.thresholds).flatMap(([metric, expressions]) =>
      expressions.map((expression) => ({ metric, expression })),
    ),
    measurement: measurementOf(summary),
    run: null,
  }
}

function measurementOf(summary: PodSummary): LoadMeasurement {
  const { requests, load, segment, seconds, dropped, connectionsOpened: opened, failedThresholds } = summary
  const planned = plannedSeconds(load)
  const accounting = requests.map(accountOf)
  const slices = requests.flatMap((request) => slicesOf(request, summary))
  return {
    tool: { name: 'k6', version: '2.x' },
    seconds: Math.min(planned, seconds),
    interrupted: seconds < planned - 1 && !mayEndEarly(summary),
    ...(segment === null ? {} : { segment }),
    accounting: dropped === 0 ? accounting : [...accounting, neverSent(dropped)],
    slices,
    sliceLength: 'phase',
    lateness: null,
    connections: { opened, reopened: Math.max(0, opened - load.connections), peak: opened },
    workers: [],
    created: createdRows(
      slices,
      requests.map(({ op, creates }) => ({ id: op, creates })),
    ),
    toolVerdict: { exitCode: failedThresholds.length > 0 ? 99 : 0, failedThresholds },
    notes: [],
  }
}

/** Where answers set the pace, a limit of requests may end a load before its time. */
const mayEndEarly = ({ load: { model, maxRequests } }: PodSummary): boolean =>
  model.kind !== 'open-model' && maxRequests < Number.MAX_SAFE_INTEGER

const nothing = { refused: 0, timedOut: 0, closed: 0, broken: 0 } as const

const neverSent = (count: number): RequestAccount => ({
  op: unknownOp,
  planned: count,
  sent: 0,
  neverSent: count,
  answered: {},
  ...nothing,
  abandoned: 0,
})

function accountOf({ op, status, begun, ended, unexpected }: SummedRequest): RequestAccount {
  const answered: Record<string, number> = {}
  const lost: Record<keyof typeof nothing, number> = { ...nothing }
  let others = 0
  for (const [outcome, count] of Object.entries(unexpected)) {
    others += count
    if (isLoss(outcome)) lost[outcome] += count
    else answered[outcome] = count
  }
  if (ended > others) answered[status] = (answered[status] ?? 0) + ended - others
  const sent = Math.max(begun, ended)
  return { op, planned: sent, sent, neverSent: 0, answered, ...lost, abandoned: sent - ended }
}

const isLoss = (outcome: string): outcome is keyof typeof nothing => Object.hasOwn(nothing, outcome)

/** One slice for each phase, in its first second. */
function slicesOf(
  { op, warmUp, measured, slow }: SummedRequest,
  { percentiles, load }: PodSummary,
): readonly LoadSlice[] {
  const unserved = measured.unserved.count
  const bounds = slow.map(({ overMs, inclusive, requests }): SlowCount => ({
    overMs,
    inclusive,
    // What was not served is slow whatever it took, and stands apart.
    served: requests - unserved,
  }))
  const phases = [
    { phase: 'warm-up', second: 0, ...warmUp, slow: [] },
    { phase: 'measured', second: Math.ceil(load.warmUpSeconds), ...measured, slow: bounds },
  ] as const
  return phases
    .filter((each) => each.served.count + each.unserved.count > 0)
    .flatMap(({ phase, second, served, unserved: lost, slow: counted }) => {
      const common = { second, op, phase, response: null }
      const service = histogramOf(served, percentiles, counted)
      const failures = { service: histogramOf(lost, percentiles, []), response: null }
      return mergeSlices([
        [{ ...common, requests: served.count, failed: 0, service }],
        lost.count === 0
          ? []
          : [{ ...common, requests: lost.count, failed: lost.count, service: failures.service, failures }],
      ])
    })
}
