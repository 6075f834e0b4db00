import { formatNumber, plural } from '../core/number-format.ts'
import type { LedgerEntry, LoadRun } from '../run/load-run.ts'
import { requestsIn, type LoadSample } from '../run/load-samples.ts'
import type { LoadCheck } from '../run/load-verdict.ts'

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

/** Whether every request is accounted for, by the sender, the target and its database. */
export function ledgerChecks(run: LoadRun, samples: readonly LoadSample[]): readonly LoadCheck[] {
  const { ledger } = run.measurement
  const planned = sumOf(ledger, 'planned')
  const neverSent = sumOf(ledger, 'neverSent')
  const abandoned = sumOf(ledger, 'abandoned')
  return [
    verdict('requests never sent', neverSent === 0, formatNumber(neverSent), '0', () => {
      const share = ((neverSent / planned) * 100).toFixed(2)
      return `${plural(neverSent, 'request')} of ${formatNumber(planned)} (${share} %) were due and never sent`
    }),
    verdict('requests abandoned', abandoned === 0, formatNumber(abandoned), '0', () => {
      return `${plural(abandoned, 'request')} were under way when the run ended`
    }),
    addsUp(ledger, samples),
    received(run),
    ...run.reconciliation.rows.map((row) => rowsFound(row, run)),
  ]
}

const verdict = (
  name: string,
  isOk: boolean,
  measured: string,
  limit: string,
  reason: () => string,
): LoadCheck => ({ name, word: isOk ? 'ok' : 'invalid', measured, limit, reason: isOk ? '' : reason() })

function addsUp(ledger: readonly LedgerEntry[], samples: readonly LoadSample[]): LoadCheck {
  const gaps = ledger.flatMap((entry) => {
    const outcomes = answersIn(entry) + entry.refused + openEnded(entry)
    const timed = requestsIn(samples.filter(({ op }) => op === entry.op))
    if (entry.planned !== entry.sent + entry.neverSent) {
      return [
        `${entry.op}: ${formatNumber(entry.planned)} planned, ${formatNumber(entry.sent + entry.neverSent)} accounted for`,
      ]
    }
    if (entry.sent !== outcomes) {
      return [`${entry.op}: ${formatNumber(entry.sent)} sent, ${formatNumber(outcomes)} accounted for`]
    }
    return timed === entry.sent - entry.abandoned
      ? []
      : [`${entry.op}: ${formatNumber(entry.sent - entry.abandoned)} settled, ${formatNumber(timed)} timed`]
  })
  const unknown = samples.find(({ op }) => !ledger.some((entry) => entry.op === op))
  if (unknown !== undefined) gaps.push(`${unknown.op}: timed and in no ledger`)
  const planned = formatNumber(sumOf(ledger, 'planned'))
  return verdict(
    'ledger adds up',
    gaps.length === 0,
    `${planned} planned, all accounted for`.replace(gaps.length === 0 ? '' : /.*/, gaps[0] ?? ''),
    'no gap',
    () => `the ledger does not add up: ${gaps.join('; ')}`,
  )
}

/**
 * The target must have counted at least what it answered and at most what may have reached it. More means that the
 * sender repeated requests in silence (Go clients do, after a closed connection), or that somebody else sends too.
 */
function received({ measurement: { ledger }, reconciliation }: LoadRun): LoadCheck {
  const name = 'requests that the target counted'
  const answered = ledger.reduce((sum, entry) => sum + answersIn(entry), 0)
  const most = sumOf(ledger, 'sent') - sumOf(ledger, 'refused')
  const limit = most === answered ? formatNumber(most) : `${formatNumber(answered)} to ${formatNumber(most)}`
  const count = reconciliation.received
  if (count === null) return { name, word: 'unknown', measured: 'it does not tell', limit, reason: '' }
  return verdict(name, count >= answered && count <= most, formatNumber(count), limit, () =>
    count < answered
      ? `the target counted ${formatNumber(count)} requests, but ${formatNumber(answered)} were answered: something else answers in its place`
      : `the target counted ${formatNumber(count)} requests, but at most ${formatNumber(most)} reached it: ${formatNumber(count - most)} were repeated in silence, or somebody else sends too`,
  )
}

/** Rows may be more than acknowledged by the writes of which nobody knows the end, and never fewer. */
function rowsFound(
  { table, acknowledged, found }: LoadRun['reconciliation']['rows'][number],
  { measurement: { ledger }, profile }: LoadRun,
): LoadCheck {
  const writes = new Set(profile.requests.flatMap(({ op, method }) => (method === 'GET' ? [] : [op])))
  const open = ledger.reduce((sum, entry) => sum + (writes.has(entry.op) ? openEnded(entry) : 0), 0)
  const most = acknowledged + open
  const limit =
    open === 0 ? formatNumber(acknowledged) : `${formatNumber(acknowledged)} to ${formatNumber(most)}`
  return verdict(
    `rows of ${table}`,
    found >= acknowledged && found <= most,
    formatNumber(found),
    limit,
    () =>
      found < acknowledged
        ? `acknowledged writes were lost: ${formatNumber(acknowledged)} rows of ${table} were acknowledged, ${formatNumber(found)} are there`
        : `${formatNumber(found)} rows of ${table} were added, but requests explain at most ${formatNumber(most)}: writes were repeated, or somebody else writes too`,
  )
}
