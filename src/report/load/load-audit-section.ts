import { formatBytes, formatInteger, formatNs } from '../../core/number-format.ts'
import { senderWaitShare } from '../../run/host-contention.ts'
import type { LoadRun } from '../../run/load-run.ts'
import type { LoadCheck, LoadVerdict } from '../../run/load-verdict.ts'
import { heading, left, list, span, type Block, type Span, type Tone } from '../render/document.ts'

/** The validity checks, and what the senders and this machine took. */
export function auditSection(run: LoadRun, { checks }: LoadVerdict): readonly Block[] {
  return [
    heading(3, span('Validity checks', 'strong')),
    {
      kind: 'table',
      columns: [left(''), left('check'), left('found'), left('limit')],
      rows: checks.map(({ status, name, measured, limit }) => [
        span(status, checkTone(status)),
        span(name),
        span(measured),
        span(limit, 'dim'),
      ]),
    },
    ...list([...senders(run), ...host(run), ...connections(run), ...floor(run)]),
  ]
}

function checkTone(status: LoadCheck['status']): Tone {
  switch (status) {
    case 'ok':
      return 'good'
    case 'invalid':
      return 'bad'
    case 'doubtful':
      return 'warn'
    case 'unknown':
      return 'dim'
  }
}

function senders({ measurement: { workers } }: LoadRun): readonly (readonly Span[])[] {
  if (workers.length === 0) return []
  const each = (
    name: string,
    values: readonly (number | null)[],
    format: (value: number) => string,
  ): string[] => {
    const known = values.filter((value) => value !== null)
    return known.length === 0 ? [] : [`${name} ${known.map(format).join(' ')}`]
  }
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`
  const text = [
    ...each(
      'CPU',
      workers.map(({ cpuShare }) => cpuShare),
      percent,
    ),
    ...each(
      'event loop busy',
      workers.map(({ loopUtilization }) => loopUtilization),
      percent,
    ),
    ...each(
      'longest block',
      workers.map(({ loopLagMaxNs }) => loopLagMaxNs),
      formatNs,
    ),
    ...each(
      'RSS',
      workers.map(({ maxRssBytes }) => maxRssBytes),
      formatBytes,
    ),
  ].join(' · ')
  return [[span('sender: ', 'dim'), span(text)]]
}

/** How busy this machine was in the measured phase, as an idle process beside the senders saw it. */
function host({ host: seen }: LoadRun): readonly (readonly Span[])[] {
  if (seen === undefined || seen === null) return []
  const percent = (share: number | null, text: string): string[] =>
    share === null ? [] : [`${(share * 100).toFixed(0)} % ${text}`]
  const text = [
    ...percent(seen.cpuUtilization, 'of its processors busy'),
    ...percent(seen.cpuSteal, 'stolen by the hypervisor'),
    ...percent(seen.cpuPressure, 'of the time some task waited for one'),
    ...percent(senderWaitShare(seen), 'of their time on the run queue the senders waited'),
    `timers of an idle process ${formatNs(seen.timerLag.p99Ns)} late at P99, ${formatNs(seen.timerLag.maxNs)} at most`,
  ].join(' · ')
  return [[span('this machine meanwhile: ', 'dim'), span(text)]]
}

function connections({ measurement, settings }: LoadRun): readonly (readonly Span[])[] {
  const { opened, reopened, peak } = measurement.connections
  if (opened === 0) return []
  const text = `${formatInteger(peak)} at once of ${formatInteger(settings.connections)}, ${formatInteger(opened)} opened in all, ${formatInteger(reopened)} of them again after the other side had closed`
  return [[span('connections: ', 'dim'), span(text)]]
}

/** What the same sender does here against a server that does nothing: no target can look faster. */
function floor({ floor: found }: LoadRun): readonly (readonly Span[])[] {
  if (found === null) return []
  const text = `against a server that does nothing (subtracted from nothing): P50 ${formatNs(found.p50Ns)}${found.p95Ns === undefined ? '' : `, P95 ${formatNs(found.p95Ns)}`}, P99 ${formatNs(found.p99Ns)} at ${formatInteger(found.ratePerSec)} req/s`
  return [[span('floor of this machine: ', 'dim'), span(text)]]
}
