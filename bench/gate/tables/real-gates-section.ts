import { hodgesLehmann } from '../../../src/stats/hodges-lehmann.ts'
import { sortNumbers } from '../../../src/stats/quantile.ts'
import { countStalls } from '../../../src/stats/stall-test.ts'
import { binomialBounds } from './binomial-bounds.ts'
import { calibrationsOf, plantSize } from '../campaign/calibrate.ts'
import { campaignSubject, isInTail, plantKinds, type PlantKind } from '../records/cells.ts'
import { markdownTable } from '../../text/markdown-table.ts'
import { plantTitles } from './plant-titles.ts'
import { formatCountOf, formatLogRatio, formatRate } from './rate-text.ts'
import {
  earlyEffects,
  equalOperations,
  gatesOf,
  gatesWith,
  isFound,
  measuredConditions,
  measuredRatio,
  plantedEffect,
  roundSpread,
  secondsToVerdict,
  strainOf,
  tenPercent,
  type Middle,
} from '../records/real-gates.ts'
import type { CampaignRecord, GateRecord } from '../records/records.ts'

const words = ['pass', 'improved', 'fail', 'inconclusive', 'invalid', 'error'] as const

/** What whole gates said on the real engine. */
export function realGatesSection(records: readonly CampaignRecord[]): string {
  const { count, failed } = equalOperations(records)
  return [
    '## Real gates\n',
    wordTable(records),
    `\nA planted operation is found when the gate fails for it; failing for another does not count. Of the operations that were equal, in gates with and without plants, ${formatCountOf(failed, count)} failed.\n`,
    '### What the plants really did to their operation\n',
    'Over the first eight rounds of every gate, which none lacks: later rounds exist where a gate could not tell. With the 95 % interval over gates (signed ranks).\n',
    plantTable(records),
    `\nP95 of single gates with a plant of +10 %, from the smallest: ${plantedRatios(records)}. A delay is a share of each sample’s own time, of at most four times the usual.`,
    '\n### Plants in the slowest samples and stalls, gate by gate\n',
    'The same in single gates, and for which share of the time somebody waited for a processor. A plant in the tail waits for half of the median in its share of any hundred samples (and three), and both sides look for them; the lead-in of a slice, which is slow by itself and not measured, is left alone. Stalls: of the pairs of slices, those in which one side alone was over twice as slow as usual.\n',
    tailTable(records),
    '\n### Calibrations of the plants\n',
    'All three operations at once, ten rounds each: size of the plant, and what it did to the 95th percentile. The size for the gates stands on the line of least squares through them.\n',
    calibrationTable(records),
    '\n### The machine meanwhile\n',
    'Median and, after the slash, 95th percentile over rounds; our own work is part of it, and one busy processor of two is 50 %. «Spread of a round» is the robust standard deviation of a round’s ln ratio of equal sides.\n',
    strainTable(records),
    '\n### Seconds from the start to the verdict\n',
    'Of all gates that came to one, with plants or without: staging, comparing answers, counting, pilots and rounds. The databases were seeded already, but for the first gate.\n',
    timeTable(records),
  ].join('\n')
}

function wordTable(records: readonly CampaignRecord[]): string {
  const rows = plantKinds.flatMap((plant) => {
    const conditions = measuredConditions(records)
    const row = (title: string, gates: readonly GateRecord[]): readonly (readonly string[])[] =>
      gates.length === 0
        ? []
        : [
            [
              `${plantTitles[plant]}, ${title}`,
              String(gates.length),
              ...words.map((word) => String(gates.filter((gate) => gate.word === word).length)),
              boundText(plant, gates),
            ],
          ]
    return [
      ...conditions.flatMap((condition) => row(condition, gatesWith(records, [plant], condition))),
      ...row('**all**', gatesWith(records, [plant])),
    ]
  })
  return markdownTable(
    ['', 'gates', ...words.map((word) => word.toUpperCase()), 'with 95 % confidence'],
    rows,
  )
}

/** One-sided. */
function boundText(plant: PlantKind, gates: readonly GateRecord[]): string {
  if (plant === 'none' || plant === 'held-3') {
    const failed = gates.filter(({ word }) => word === 'fail').length
    return `false alarms ≤ ${formatRate(binomialBounds(failed, gates.length, 0.05).high)}`
  }
  const found = gates.filter(isFound).length
  return `${formatCountOf(found, gates.length)} found: ≥ ${formatRate(binomialBounds(found, gates.length, 0.05).low)}`
}

function plantTable(records: readonly CampaignRecord[]): string {
  const effect = (gates: readonly GateRecord[], quantity: 'p95' | 'p50' | 'mean'): string => {
    const interval = plantedEffect(gates, quantity)
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
      tenPercent.flatMap((plant) =>
        row(`${plantTitles[plant]}, ${condition}`, gatesWith(records, [plant], condition)),
      ),
    ),
    ...tenPercent.flatMap((plant) => row(`${plantTitles[plant]}, **all**`, gatesWith(records, [plant]))),
    ...row('**+10 %, all**', gatesWith(records, tenPercent)),
    ...plantKinds.filter(isInTail).flatMap((plant) => row(plantTitles[plant], gatesWith(records, [plant]))),
  ]
  return markdownTable(['', 'gates', 'P95', 'median', 'mean'], rows)
}

const plantedRatios = (records: readonly CampaignRecord[]): string =>
  sortNumbers(
    gatesWith(records, tenPercent)
      .map((gate) => Math.log(measuredRatio(gate)))
      .filter(Number.isFinite),
  )
    .map(formatLogRatio)
    .join(', ')

function tailTable(records: readonly CampaignRecord[]): string {
  const rows = gatesOf(records)
    .filter(({ plant }) => isInTail(plant) || plant === 'stall')
    .map((gate) => {
      const pressure = strainOf([gate]).cpuPressureShare
      return [
        `${gate.index}: ${plantTitles[gate.plant]}, ${gate.condition}, ${gate.operation}`,
        gate.operations.find(({ id }) => id === gate.operation)?.word.toUpperCase() ?? 'ERROR',
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

/** Of the planted operation, over all of its rounds. */
function stallText({ evidence, operation }: GateRecord): string {
  const rounds = evidence[operation ?? '']?.evidence ?? []
  const { candidate, baseline, pairs } = countStalls(rounds.map(({ slow }) => slow))
  return `${candidate} against ${baseline} of ${pairs}`
}

function calibrationTable(records: readonly CampaignRecord[]): string {
  const rows = measuredConditions(records).flatMap((condition) =>
    (['delay', 'sql'] as const).flatMap((plant) => {
      const calibrations = calibrationsOf(records, condition, plant)
      const sizeText = (size: number): string =>
        plant === 'delay' ? `${(size * 100).toFixed(1)} %` : `${Math.round(size)} rows`
      return campaignSubject.operations.flatMap((operation) => {
        const tried = calibrations.flatMap((each) => each.operations.filter(({ id }) => id === operation))
        if (tried.length === 0) return []
        const each = tried.map(({ size, ratio, low, high }) => {
          const [is, from, to] = [ratio, low, high].map((value) => formatLogRatio(Math.log(value)))
          return `${sizeText(size)}: ${is} [${from}, ${to}]`
        })
        return [
          [
            `${condition}, ${plant}, ${operation}`,
            ...[0, 1].map((place) => each[place] ?? '–'),
            sizeText(plantSize(calibrations, plant, operation)),
          ],
        ]
      })
    }),
  )
  return markdownTable(['', 'first', 'second', 'size in gates'], rows)
}

function strainTable(records: readonly CampaignRecord[]): string {
  const middle = (value: Middle | null): string =>
    value === null ? '–' : `${(value.median * 100).toFixed(0)} % / ${(value.p95 * 100).toFixed(0)} %`
  const rows = measuredConditions(records).map((condition) => {
    const gates = gatesOf(records).filter((gate) => gate.condition === condition)
    const { rounds, busyShare, cpuPressureShare, stolenShare } = strainOf(gates)
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
