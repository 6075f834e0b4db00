import { formatInteger, formatNumber, plural } from '../../core/number-format.ts'
import type { MeasuredSweep, SweepRun } from '../../run/sweep/sweep-run.ts'
import type { SweepFindings, SweepVerdict } from '../../run/sweep/sweep-verdict.ts'
import { heading, list, paragraph, span, type Block, type Detail, type Span } from '../render/document.ts'
import { busyNotice, machineItems, partialNotice } from '../run/run-section.ts'
import { verdictSectionOf, verdictSummary } from '../run/verdict-section.ts'
import { pointTables } from './point-table.ts'
import { sweepPartWords } from './sweep-part-words.ts'

/** Everything that a report says of a Run of sweeps. */
export function sweepDocument(run: SweepRun, { sweeps }: SweepVerdict, detail: Detail): readonly Block[] {
  const head = headSection(run, detail)
  const measured = run.sweeps.flatMap((sweep, index) => {
    const findings = sweeps[index]
    return findings === undefined ? [] : sweepSection(sweep, findings, detail)
  })
  const holds = run.sweeps.flatMap((sweep, index) =>
    verdictSectionOf(sweeps[index]?.claims ?? [], sweepPartWords(sweep)),
  )
  const summary = verdictSummary(sweeps.flatMap(({ claims }) => claims))
  switch (detail) {
    case 'brief':
      return [...head, ...measured, ...holds, ...summary, ...partialNotice(run)]
    case 'full':
      return [...head, ...summary, ...holds, ...measured, ...howMeasured]
  }
}

function headSection(run: SweepRun, detail: Detail): readonly Block[] {
  const { environment, settings, sweeps } = run
  const servers = [...new Set(sweeps.flatMap((sweep) => sweep.servers))]
  return [
    heading(1, span('forgebench', 'strong'), span(` run ${run.id}`)),
    ...partialNotice(run),
    ...list([
      ...machineItems(environment),
      ...(servers.length === 0 ? [] : [[span('servers: ', 'dim'), span(servers.join(', '))]]),
      [
        span('settings: ', 'dim'),
        span(
          `seed ${settings.seed}, at most ${settings.maxSeconds} s, ${settings.confidence * 100} % confidence intervals`,
        ),
      ],
      ...(detail === 'full'
        ? [
            [
              span('when: ', 'dim'),
              span(`${run.startedAt} to ${run.finishedAt}, forgebench ${run.forgebench}`),
            ],
          ]
        : []),
    ]),
    ...busyNotice(environment),
  ]
}

function sweepSection(sweep: MeasuredSweep, findings: SweepFindings, detail: Detail): readonly Block[] {
  const { rounds, scale, seconds, fresh, delays } = sweep
  return [
    heading(2, span(sweep.id, 'strong'), span(` ${sweep.title}`)),
    ...(sweep.complete
      ? []
      : [paragraph(span('INTERRUPTED: only a part of this sweep was measured.', 'bad'))]),
    ...(detail === 'full' ? [paragraph(span(sweep.why))] : []),
    paragraph(
      span(
        `${plural(rounds.length, 'round')} at scale ${scale}, ${seconds} s of load at a point, servers and copies fresh for every ${fresh}`,
        'dim',
      ),
    ),
    ...list(delays.map(delayItem)),
    ...pointTables(sweep, findings),
    ...list(findings.knees.map((knee) => kneeItem(sweep, knee))),
  ]
}

/** What the proxy was asked for beside what it did: its own jitter. */
function delayItem({ delayMs, samples, p50Ms, p99Ms }: MeasuredSweep['delays'][number]): readonly Span[] {
  const added =
    delayMs === 0
      ? 'nothing added'
      : `asked for ${formatNumber(delayMs)} ms each way, added P50 ${formatNumber(p50Ms)} ms, P99 ${formatNumber(p99Ms)} ms`
  return [
    span('round trip: ', 'dim'),
    span(
      `${formatNumber(delayMs * 2)} ms through the delaying proxy: ${added} (${formatInteger(samples)} pieces)`,
    ),
  ]
}

function kneeItem(
  { points }: MeasuredSweep,
  { series, point, notToldApart }: SweepFindings['knees'][number],
): readonly Span[] {
  const title = (id: string): string => points.find((each) => each.id === id)?.title ?? id
  const of = series === null ? 'knee: ' : `knee of ${series}: `
  if (point === null) return [span(of, 'dim'), span('nothing was measured')]
  const others =
    notToldApart.length === 0 ? '' : `; not told apart from ${notToldApart.map(title).join(', ')}`
  return [span(of, 'dim'), span(`${title(point)}${others}`)]
}

/** How to read the tables, once a report. */
const howMeasured: readonly Block[] = [
  heading(2, span('How this was measured', 'strong')),
  ...list(
    [
      'Every round is a fresh process that measures all points once, in an order drawn for that round. The estimate is the Hodges-Lehmann centre over rounds, with its exact signed-rank interval; with fewer than 6 rounds there is no 95 % interval, and only an estimate stands («about»).',
      'A ratio is taken in each round between a point and the one that it is compared with, and then over rounds.',
      'The knee is the point of the greatest power: throughput divided by latency (Kleinrock 1979). Points that are «not told apart» from it have a ratio of powers whose interval holds 1.',
      'A claimed change is judged as claims of scenarios are. A limit is confirmed when the whole interval is on its right side, refuted when the whole interval is on the other, and otherwise inconclusive.',
      'Round trips are added by a proxy of forgebench that holds back what client and server send each other, half on each way and in order; what it really added stands beside what was asked.',
    ].map((text) => [span(text)]),
  ),
]
