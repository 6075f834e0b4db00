import { hodgesLehmann } from '../../../src/stats/hodges-lehmann.ts'
import { sortNumbers } from '../../../src/stats/quantile.ts'
import { countStalls } from '../../../src/stats/stall-test.ts'
import {
  campaignSubject,
  isInTail,
  slowdownKinds,
  slowdownTitles,
  type SlowdownKind,
} from '../records/cells.ts'
import { markdownTable } from '../../text/markdown-table.ts'
import { binomialBounds, formatCountOf, formatLogRatio, formatRate } from './rate-text.ts'
import {
  earlyEffects,
  equalOperations,
  gatesOf,
  gatesWith,
  isFound,
  measuredConditions,
  measuredRatio,
  slowdownEffect,
  roundSpread,
  secondsToVerdict,
  contentionOf,
  tenPercent,
  type Middle,
} from '../records/real-gates.ts'
import type { CampaignRecord, GateRecord } from '../records/records.ts'
import { calibrationsOf, slowdownSize } from '../records/slowdown-size.ts'

const words = ['pass', 'improved', 'fail', 'inconclusive', 'invalid', 'error'] as const

/** What whole gates said on the real engine. */
export function realGatesSection(records: readonly CampaignRecord[]): string {
  const { count, failed } = equalOperations(records)
  return [
    '## Real gates\n',
    wordTable(records),
    `\nA slowed operation is found when the gate fails for it; failing for another does not count. Of the operations that were equal, in gates with and without injected slowdowns, ${formatCountOf(failed, count)} failed.\n`,
    '### What the injected slowdowns really did to their operation\n',
    'Over the first eight rounds of every gate, which none lacks: later rounds exist where a gate could not tell. With the 95 % interval over gates (signed ranks).\n',
    slowdownTable(records),
    `\nP95 of single gates with an injected slowdown of +10 %, from the smallest: ${slowdownRatios(records)}. A delay is a share of each sample’s own time, of at most four times the usual.`,
    '\n### Slowdowns of the slowest samples and stalls, gate by gate\n',
    'The same in single gates, and for which share of the time somebody waited for a processor. A slowdown of the tail waits for half of the median in its share of any hundred samples (and three), and both sides look for them; the lead-in of a slice, which is slow by itself and not measured, is left alone. Stalls: of the pairs of slices, those in which one side alone was over twice as slow as usual.\n',
    tailTable(records),
    '\n### Calibrations of the injected slowdowns\n',
    'All three operations at once, ten rounds each: size of the slowdown, and what it did to the 95th percentile. The size for the gates stands on the line of least squares through them.\n',
    calibrationTable(records),
    '\n### The machine meanwhile\n',
    'Median and, after the slash, 95th percentile over rounds; our own work is part of it, and one busy processor of two is 50 %. «Spread of a round» is the robust standard deviation of a round’s ln ratio of equal sides.\n',
    contentionTable(records),
    '\n### Seconds from the start to the verdict\n',
    'Of all gates that came to one, with slowdowns or without: staging, comparing answers, counting, pilots and rounds. The databases were seeded already, but for the first gate.\n',
    timeTable(records),
  ].join('\n')
}

function wordTable(records: readonly CampaignRecord[]): string {
  const rows = slowdownKinds.flatMap((slowdown) => {
    const conditions = measuredConditions(records)
    const row = (title: string, gates: readonly GateRecord[]): readonly (readonly string[])[] =>
      gates.length === 0
        ? []
        : [
            [
              `${slowdownTitles[slowdown]}, ${title}`,
              String(gates.length),
              ...words.map((word) => String(gates.filter((gate) => gate.status === word).length)),
              boundText(slowdown, gates),
            ],
          ]
    return [
      ...conditions.flatMap((condition) => row(condition, gatesWith(records, [slowdown], condition))),
      ...row('**all**', gatesWith(records, [slowdown])),
    ]
  })
  return markdownTable(
    ['', 'gates', ...words.map((word) => word.toUpperCase()), 'with 95 % confidence'],
    rows,
  )
}

/** One-sided. */
function boundText(slowdown: SlowdownKind, gates: readonly GateRecord[]): string {
  if (slowdown === 'none' || slowdown === 'held-3') {
    const failed = gates.filter(({ status }) => status === 'fail').length
    return `false alarms ≤ ${formatRate(binomialBounds(failed, gates.length, 0.05).high)}`
  }
  const found = gates.filter(isFound).length
  return `${formatCountOf(found, gates.length)} found: ≥ ${formatRate(binomialBounds(found, gates.length, 0.05).low)}`
}

function slowdownTable(records: readonly CampaignRecord[]): string {
  const effect = (gates: readonly GateRecord[], quantity: 'p95' | 'p50' | 'mean'): string => {
    const interval = slowdownEffect(gates, quantity)
    if (interval === undefined) return '–'
    const { estimate, low, high } = interval
    return `${formatLogRatio(estimate)} [${formatLogRatio(low)}, ${formatLogRatio(high)}]`
  }
  const row = (title: string, gates: readonly GateRecord[]): readonly (readonly string[])[] =>
    gates.length === 0
      ? []
      : [[title, String(gates.length), effect(gates, 'p95'), effect(gates, 'p50'), effect(gates, 'mean')]]
  const rows = [
    ...measuredConditions(records).flatMap((condition) =>
      tenPercent.flatMap((slowdown) =>
        row(`${slowdownTitles[slowdown]}, ${condition}`, gatesWith(records, [slowdown], condition)),
      ),
    ),
    ...tenPercent.flatMap((slowdown) =>
      row(`${slowdownTitles[slowdown]}, **all**`, gatesWith(records, [slowdown])),
    ),
    ...row('**+10 %, all**', gatesWith(records, tenPercent)),
    ...slowdownKinds
      .filter(isInTail)
      .flatMap((slowdown) => row(slowdownTitles[slowdown], gatesWith(records, [slowdown]))),
  ]
  return markdownTable(['', 'gates', 'P95', 'median', 'mean'], rows)
}

const slowdownRatios = (records: readonly CampaignRecord[]): string =>
  sortNumbers(
    gatesWith(records, tenPercent)
      .map((gate) => Math.log(measuredRatio(gate)))
      .filter(Number.isFinite),
  )
    .map(formatLogRatio)
    .join(', ')

function tailTable(records: readonly CampaignRecord[]): string {
  const rows = gatesOf(records)
    .filter(({ slowdown }) => isInTail(slowdown) || slowdown === 'stall')
    .map((gate) => {
      const pressure = contentionOf([gate]).cpuPressureShare
      return [
        `${gate.index}: ${slowdownTitles[gate.slowdown]}, ${gate.condition}, ${gate.operation}`,
        gate.operations.find(({ id }) => id === gate.operation)?.status.toUpperCase() ?? 'ERROR',
        ...(['p95', 'p50', 'mean'] as const).map((quantity) => {
          const effects = earlyEffects(gate, quantity)
          return effects.length === 0 ? '–' : formatLogRatio(hodgesLehmann(effects))
        }),
        stallText(gate),
        pressure === null ? '–' : `${(pressure.median * 100).toFixed(0)} %`,
      ]
    })
  return markdownTable(['gate', 'said of it', 'P95', 'median', 'mean', 'stalls', 'waiting'], rows)
}

/** Of the slowed operation, over all of its rounds. */
function stallText({ evidence, operation }: GateRecord): string {
  const rounds = evidence[operation ?? '']?.evidence ?? []
  const { candidate, baseline, pairs } = countStalls(rounds.map(({ slow }) => slow))
  return `${candidate} against ${baseline} of ${pairs}`
}

function calibrationTable(records: readonly CampaignRecord[]): string {
  const rows = measuredConditions(records).flatMap((condition) =>
    (['delay', 'sql'] as const).flatMap((slowdown) => {
      const calibrations = calibrationsOf(records, condition, slowdown)
      const sizeText = (size: number): string =>
        slowdown === 'delay' ? `${(size * 100).toFixed(1)} %` : `${Math.round(size)} rows`
      return campaignSubject.operations.flatMap((operation) => {
        const tried = calibrations.flatMap((each) => each.operations.filter(({ id }) => id === operation))
        if (tried.length === 0) return []
        const each = tried.map(({ size, ratio, low, high }) => {
          const [is, from, to] = [ratio, low, high].map((value) => formatLogRatio(Math.log(value)))
          return `${sizeText(size)}: ${is} [${from}, ${to}]`
        })
        return [
          [
            `${condition}, ${slowdown}, ${operation}`,
            ...[0, 1].map((place) => each[place] ?? '–'),
            sizeText(slowdownSize(calibrations, slowdown, operation)),
          ],
        ]
      })
    }),
  )
  return markdownTable(['', 'first', 'second', 'size in gates'], rows)
}

function contentionTable(records: readonly CampaignRecord[]): string {
  const middle = (value: Middle | null): string =>
    value === null ? '–' : `${(value.median * 100).toFixed(0)} % / ${(value.p95 * 100).toFixed(0)} %`
  const rows = measuredConditions(records).map((condition) => {
    const gates = gatesOf(records).filter((gate) => gate.condition === condition)
    const { rounds, busyShare, cpuPressureShare, stolenShare } = contentionOf(gates)
    const spread = roundSpread(records, condition).map((each) => `${(each * 100).toFixed(1)} %`)
    return [
      condition,
      rounds.toLocaleString('en-US'),
      middle(busyShare),
      middle(cpuPressureShare),
      middle(stolenShare),
      spread.join(' · '),
    ]
  })
  const operations = campaignSubject.operations.join(' · ')
  return markdownTable(
    ['', 'rounds', 'processors busy', 'somebody waits for one', 'stolen', `spread of a round, ${operations}`],
    rows,
  )
}

function timeTable(records: readonly CampaignRecord[]): string {
  const row = (title: string, gates: readonly GateRecord[]): readonly string[] => {
    const { median, p95, longest } = secondsToVerdict(gates)
    return [title, String(gates.length), ...[median, p95, longest].map((seconds) => seconds.toFixed(0))]
  }
  const rows = [
    ...measuredConditions(records).map((condition) =>
      row(
        condition,
        gatesOf(records).filter((gate) => gate.condition === condition),
      ),
    ),
    row('**all**', gatesOf(records)),
  ]
  return markdownTable(['', 'gates', 'median', 'P95', 'longest'], rows)
}
