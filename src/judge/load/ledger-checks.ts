import { formatInteger } from '../../core/number-format.ts'
import type { LedgerEntry, LoadRun } from '../../run/load-run.ts'
import { requestsIn, type LoadSample } from '../../run/load-samples.ts'
import { check, unknownCheck, type JudgedCheck } from './load-check.ts'
import type { Doubt } from './load-doubt.ts'

type Column = Exclude<keyof LedgerEntry, 'op' | 'answered'>

/** Sum of one column of the ledger. */
export const sumOf = (ledger: readonly LedgerEntry[], column: Column): number =>
  ledger.reduce((sum, entry) => sum + entry[column], 0)

/** Answers to one kind of request, whatever their status. */
export const answersIn = ({ answered }: LedgerEntry): number =>
  Object.values(answered).reduce((sum, count) => sum + count, 0)

/** Requests that left and may or may not have been served: nobody can tell. */
const openEnded = ({ timedOut, closed, broken, abandoned }: LedgerEntry): number =>
  timedOut + closed + broken + abandoned

/** They are counted as slow as anything, or as fast: see `Doubts`. */
const missingRequests: Doubt = { slack: null, couldBeSlower: 'no' }

/** Whether every request is accounted for, by the sender, the target and its database. */
export function ledgerChecks(run: LoadRun, samples: readonly LoadSample[]): readonly JudgedCheck[] {
  const { ledger } = run.measurement
  const neverSent = sumOf(ledger, 'neverSent')
  const abandoned = sumOf(ledger, 'abandoned')
  const planned = sumOf(ledger, 'planned')
  const share = ((neverSent / planned) * 100).toFixed(2)
  return [
    check(
      'requests never sent',
      {
        isOk: neverSent === 0,
        measured: formatInteger(neverSent),
        limit: '0',
        reason: `${formatInteger(neverSent)} of ${formatInteger(planned)} requests (${share} %) were due and never sent`,
      },
      missingRequests,
    ),
    check(
      'requests abandoned',
      {
        isOk: abandoned === 0,
        measured: formatInteger(abandoned),
        limit: '0',
        reason: `${formatInteger(abandoned)} requests had no answer when the run ended`,
      },
      missingRequests,
    ),
    addsUp(ledger, samples),
    received(run),
    ...run.reconciliation.rows.map((row) => rowsFound(row, run)),
  ]
}

function addsUp(ledger: readonly LedgerEntry[], samples: readonly LoadSample[]): JudgedCheck {
  const strangers = samples.filter(({ op }) => ledger.every((entry) => entry.op !== op)).map(({ op }) => op)
  const gaps = [
    ...ledger.flatMap((entry) => gapIn(entry, samples)),
    ...[...new Set(strangers)].map((op) => `${op}: timed, and not accounted for`),
  ]
  return check('request accounting', {
    isOk: gaps.length === 0,
    measured:
      gaps.length === 0 ? `${formatInteger(sumOf(ledger, 'planned'))} planned, all accounted for` : 'no',
    limit: 'no gap',
    reason: `the requests do not add up: ${gaps.join('; ')}`,
  })
}

/** Where the requests of one kind get lost between plan, ledger, slices and histograms; nothing when they do not. */
function gapIn(entry: LedgerEntry, samples: readonly LoadSample[]): readonly string[] {
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
 * sender repeated requests in silence (Go clients do, after a closed connection), or that somebody else sends too.
 */
function received({ measurement: { ledger }, reconciliation }: LoadRun): JudgedCheck {
  const name = 'requests that the target counted'
  const answered = ledger.reduce((sum, entry) => sum + answersIn(entry), 0)
  const most = sumOf(ledger, 'sent') - sumOf(ledger, 'refused')
  const limit = rangeText(answered, most)
  const count = reconciliation.received
  if (count === null) return unknownCheck(name, 'it does not tell', limit)
  const counted = `the target counted ${formatInteger(count)} requests`
  return check(name, {
    isOk: count >= answered && count <= most,
    measured: formatInteger(count),
    limit,
    reason:
      count < answered
        ? `${counted} and ${formatInteger(answered)} were answered: something else answers in its place`
        : `${counted} and at most ${formatInteger(most)} reached it: the sender repeated some in silence, or somebody else sends too`,
  })
}

/** Rows may be more than acknowledged by the writes of which nobody knows the end, and never fewer. */
function rowsFound(
  { table, acknowledged, found }: LoadRun['reconciliation']['rows'][number],
  { measurement: { ledger }, profile }: LoadRun,
): JudgedCheck {
  const writes = new Set(profile.requests.flatMap(({ op, method }) => (method === 'GET' ? [] : [op])))
  const most =
    acknowledged + ledger.reduce((sum, entry) => sum + (writes.has(entry.op) ? openEnded(entry) : 0), 0)
  return check(`rows of ${table} added`, {
    isOk: found >= acknowledged && found <= most,
    measured: formatInteger(found),
    limit: rangeText(acknowledged, most),
    reason:
      found < acknowledged
        ? `acknowledged writes were lost: ${formatInteger(acknowledged)} rows of ${table} were acknowledged and ${formatInteger(found)} are there`
        : `${formatInteger(found)} rows of ${table} were added and requests explain at most ${formatInteger(most)}: some were repeated, or somebody else writes too`,
  })
}

const rangeText = (least: number, most: number): string =>
  least === most ? formatInteger(most) : `${formatInteger(least)} to ${formatInteger(most)}`
