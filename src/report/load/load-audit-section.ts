import { formatBytes, formatInteger, formatNs } from '../../core/number-format.ts'
import { senderWaitShare } from '../../run/load/host-contention.ts'
import type { LoadRun, LoadWorker } from '../../run/load/load-run.ts'
import type { LoadVerdict } from '../../run/load/load-verdict.ts'
import { heading, left, list, span, type Block, type Span } from '../render/document.ts'
import { item } from './head-items.ts'
import { statusTone } from './status-tone.ts'

/** The validity checks, and what the senders and this machine took. */
export function auditSection(run: LoadRun, { checks }: LoadVerdict): readonly Block[] {
  return [
    heading(3, span('Validity checks', 'strong')),
    {
      kind: 'table',
      columns: [left(''), left('check'), left('found'), left('limit')],
      rows: checks.map(({ status, name, measured, limit }) => [
        span(status, statusTone(status)),
        span(name),
        span(measured),
        span(limit, 'dim'),
      ]),
    },
    ...list([...senders(run), ...host(run), ...connections(run), ...floor(run)]),
  ]
}

function senders({ measurement: { workers } }: LoadRun): readonly (readonly Span[])[] {
  if (workers.length === 0) return []
  const figures: readonly (readonly [
    string,
    (worker: LoadWorker) => number | null,
    (value: number) => string,
  ])[] = [
    ['CPU', ({ cpuShare }) => cpuShare, percent],
    ['event loop busy', ({ loopUtilization }) => loopUtilization, percent],
    ['longest block', ({ loopLagMaxNs }) => loopLagMaxNs, formatNs],
    ['RSS', ({ maxRssBytes }) => maxRssBytes, formatBytes],
  ]
  const texts = figures.flatMap(([name, of, format]) => {
    const known = workers.map(of).filter((value) => value !== null)
    return known.length === 0 ? [] : [`${name} ${known.map(format).join(' ')}`]
  })
  return [item('sender', texts.join(' · '))]
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`

/** How busy this machine was in the measured phase, as an idle process beside the senders saw it. */
function host({ host: seen }: LoadRun): readonly (readonly Span[])[] {
  if (seen === undefined || seen === null) return []
  const shared = (share: number | null, text: string): string[] =>
    share === null ? [] : [`${percent(share)} ${text}`]
  const text = [
    ...shared(seen.cpuUtilization, 'of its processors busy'),
    ...shared(seen.cpuSteal, 'stolen by the hypervisor'),
    ...shared(seen.cpuPressure, 'of the time some task waited for one'),
    ...shared(senderWaitShare(seen), 'of their time on the run queue the senders waited'),
    `timers of an idle process ${formatNs(seen.timerLag.p99Ns)} late at P99, ${formatNs(seen.timerLag.maxNs)} at most`,
  ].join(' · ')
  return [item('this machine meanwhile', text)]
}

function connections({ measurement, settings }: LoadRun): readonly (readonly Span[])[] {
  const { opened, reopened, peak } = measurement.connections
  if (opened === 0) return []
  const text = `${formatInteger(peak)} at once of ${formatInteger(settings.connections)}, ${formatInteger(opened)} opened in all, ${formatInteger(reopened)} of them again after the other side had closed`
  return [item('connections', text)]
}

/** What the same sender does here against a server that does nothing: no target can look faster. */
function floor({ floor: found }: LoadRun): readonly (readonly Span[])[] {
  if (found === null) return []
  const text = `against a server that does nothing (subtracted from nothing): P50 ${formatNs(found.p50Ns)}${found.p95Ns === undefined ? '' : `, P95 ${formatNs(found.p95Ns)}`}, P99 ${formatNs(found.p99Ns)} at ${formatInteger(found.ratePerSec)} req/s`
  return [item('floor of this machine', text)]
}
