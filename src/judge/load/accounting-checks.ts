import { formatInteger } from '../../core/number-format.ts'
import type { RequestAccount, LoadRun } from '../../run/load/load-run.ts'
import { requestsIn, type LoadSample } from '../../run/load/load-samples.ts'
import { check, unknownCheck, type JudgedCheck } from './load-check.ts'
import type { Doubt } from './load-doubt.ts'

type Column = Exclude<keyof RequestAccount, 'op' | 'answered'>

/** Sum of one column of the accounting. */
export const sumOf = (accounting: readonly RequestAccount[], column: Column): number =>
  accounting.reduce((sum, entry) => sum + entry[column], 0)

/** Answers to one kind of request, whatever their status. */
export const answersIn = ({ answered }: RequestAccount): number =>
  Object.values(answered).reduce((sum, count) => sum + count, 0)

/** Requests that were sent and whose end is unknown: they may or may not have been served. */
const openEnded = ({ timedOut, closed, broken, abandoned }: RequestAccount): number =>
  timedOut + closed + broken + abandoned

/** They are counted as slow as anything, or as fast: see `Doubts`. */
const missingRequests: Doubt = { couldBeSlower: 'no' }

/** Whether every request is accounted for, by the sender, the target and its database. */
export function accountingChecks(run: LoadRun, samples: readonly LoadSample[]): readonly JudgedCheck[] {
  const { accounting } = run.measurement
  const neverSent = sumOf(accounting, 'neverSent')
  const abandoned = sumOf(accounting, 'abandoned')
  const planned = sumOf(accounting, 'planned')
  const share = ((neverSent / planned) * 100).toFixed(2)
  const none = (name: string, count: number, reason: string): JudgedCheck =>
    check(
      name,
      {
        isOk: count === 0,
        measured: formatInteger(count),
        limit: '0',
        reason: `${formatInteger(count)} ${reason}`,
      },
      missingRequests,
    )
  return [
    none(
      'requests never sent',
      neverSent,
      `of ${formatInteger(planned)} requests (${share} %) were due and never sent`,
    ),
    none('requests abandoned', abandoned, 'requests had no answer when the run ended'),
    addsUp(accounting, samples),
    received(run),
    ...run.reconciliation.rows.map((row) => rowsFound(row, run)),
  ]
}

function addsUp(accounting: readonly RequestAccount[], samples: readonly LoadSample[]): JudgedCheck {
  const strangers = samples
    .filter(({ op }) => accounting.every((entry) => entry.op !== op))
    .map(({ op }) => op)
  const gaps = [
    ...accounting.flatMap((entry) => gapIn(entry, samples)),
    ...[...new Set(strangers)].map((op) => `${op}: timed, and not accounted for`),
  ]
  return check('request accounting', {
    isOk: gaps.length === 0,
    measured:
      gaps.length === 0 ? `${formatInteger(sumOf(accounting, 'planned'))} planned, all accounted for` : 'no',
    limit: 'no gap',
    reason: `the requests do not add up: ${gaps.join('; ')}`,
  })
}

/** Where the requests of one kind get lost between plan, accounting, slices and histograms; nothing when they do not. */
function gapIn(entry: RequestAccount, samples: readonly LoadSample[]): readonly string[] {
  const own = samples.filter(({ op }) => op === entry.op)
  const steps = [
    ['planned', entry.planned, entry.sent + entry.neverSent],
    ['sent', entry.sent, answersIn(entry) + entry.refused + openEnded(entry)],
    ['settled', entry.sent - entry.abandoned, requestsIn(own)],
    ['timed', requestsIn(own), own.reduce((sum, { service }) => sum + service.recorded.samples, 0)],
  ] as const
  const gap = steps.find(([, claimed, found]) => claimed !== found)
  if (gap === undefined) return []
  const [step, claimed, found] = gap
  return [`${entry.op}: ${formatInteger(claimed)} ${step}, ${formatInteger(found)} accounted for`]
}

/**
 * The target must have counted at least what it answered and at most what may have reached it. More means that the
 * sender repeated requests in silence (Go clients do, after a closed connection), or that another client sends too.
 */
function received({ measurement: { accounting }, reconciliation }: LoadRun): JudgedCheck {
  const name = 'requests that the target counted'
  const answered = accounting.reduce((sum, entry) => sum + answersIn(entry), 0)
  const most = sumOf(accounting, 'sent') - sumOf(accounting, 'refused')
  const limit = rangeText(answered, most)
  const count = reconciliation.received
  if (count === null) return unknownCheck(name, 'not reported', limit)
  const counted = `the target counted ${formatInteger(count)} requests`
  return check(name, {
    isOk: count >= answered && count <= most,
    measured: formatInteger(count),
    limit,
    reason:
      count < answered
        ? `${counted} and ${formatInteger(answered)} were answered: something else answers in its place`
        : `${counted} and at most ${formatInteger(most)} reached it: the sender repeated some in silence, or another client sends too`,
  })
}

/** Rows may be more than acknowledged by the writes whose end is unknown, and never fewer. */
function rowsFound(
  { table, acknowledged, found }: LoadRun['reconciliation']['rows'][number],
  { measurement: { accounting }, profile }: LoadRun,
): JudgedCheck {
  const writes = new Set(profile.requests.flatMap(({ op, method }) => (method === 'GET' ? [] : [op])))
  const most =
    acknowledged + accounting.reduce((sum, entry) => sum + (writes.has(entry.op) ? openEnded(entry) : 0), 0)
  return check(`rows of ${table} added`, {
    isOk: found >= acknowledged && found <= most,
    measured: formatInteger(found),
    limit: rangeText(acknowledged, most),
    reason:
      found < acknowledged
        ? `acknowledged writes were lost: ${formatInteger(acknowledged)} rows of ${table} were acknowledged and ${formatInteger(found)} are there`
        : `${formatInteger(found)} rows of ${table} were added and requests explain at most ${formatInteger(most)}: some were repeated, or another client writes too`,
  })
}

const rangeText = (least: number, most: number): string =>
  least === most ? formatInteger(most) : `${formatInteger(least)} to ${formatInteger(most)}`
