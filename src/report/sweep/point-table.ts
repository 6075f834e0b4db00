import { formatNumber, formatRatio, formatRatioEstimate } from '../../core/number-format.ts'
import type { MeasuredSweep } from '../../run/sweep/sweep-run.ts'
import type { SweepCell, SweepFindings } from '../../run/sweep/sweep-verdict.ts'
import type { ValueOverRounds } from '../../stats/value-over-rounds.ts'
import { heading, left, right, span, type Block, type Span, type Tone } from '../render/document.ts'
import { sparkline } from '../render/sparkline.ts'

type Metric = MeasuredSweep['metrics'][number]

/** A table for every series: a row a point, a level and a ratio a metric, and their curves in the last row. */
export function pointTables(sweep: MeasuredSweep, { cells }: SweepFindings): readonly Block[] {
  const series = [...new Set(sweep.points.map((point) => point.series))]
  return series.flatMap((name) => [
    ...(name === undefined ? [] : [heading(3, span(name, 'strong'))]),
    pointTable(
      sweep,
      sweep.points.filter((point) => point.series === name),
      cells,
    ),
  ])
}

function pointTable(
  { metrics }: MeasuredSweep,
  points: MeasuredSweep['points'],
  cells: readonly SweepCell[],
): Block {
  const cellOf = (point: string, metric: string): SweepCell | undefined =>
    cells.find((cell) => cell.point === point && cell.metric === metric)
  // Where nothing is compared, or nothing is better or worse, a ratio says nothing.
  const compared = metrics.filter(
    ({ id, better }) =>
      better !== 'neither' && points.some((point) => cellOf(point.id, id)?.ratio?.state === 'measured'),
  )
  const rows = points.map((point) => [
    span(point.title),
    ...metrics.map(({ id }) => span(levelText(cellOf(point.id, id)?.level))),
    ...compared.map((metric) => ratioSpan(cellOf(point.id, metric.id)?.ratio ?? null, metric)),
  ])
  const curve = metrics.map(({ id }) =>
    span(sparkline(points.map((point) => estimateOf(cellOf(point.id, id)?.level))), 'strong'),
  )
  const curves = points.length < 3 ? [] : [[span('curve', 'dim'), ...curve, ...compared.map(() => span(''))]]
  return {
    kind: 'table',
    columns: [
      left('point'),
      ...metrics.map(({ title, unit }) => right(`${title}, ${unit}`)),
      ...compared.map(({ title }, index) => right(`${title} ÷ baseline`, index + 1)),
    ],
    rows: [...rows, ...curves],
  }
}

/** A level with its interval, in the unit of its column. */
function levelText(level: ValueOverRounds | undefined): string {
  switch (level?.state) {
    case 'measured': {
      const { estimate, low, high } = level.interval
      return `${formatNumber(estimate)} [${formatNumber(low)}, ${formatNumber(high)}]`
    }
    case 'too-few-rounds':
      return `about ${formatNumber(level.estimate)}`
    case 'nothing':
    case undefined:
      return '–'
  }
}

function estimateOf(level: ValueOverRounds | undefined): number {
  switch (level?.state) {
    case 'measured':
      return level.interval.estimate
    case 'too-few-rounds':
      return level.estimate
    case 'nothing':
    case undefined:
      return Number.NaN
  }
}

function ratioSpan(ratio: ValueOverRounds | null, metric: Metric): Span {
  switch (ratio?.state) {
    case 'measured':
      return span(formatRatio(ratio.interval), ratioTone(ratio.interval, metric))
    case 'too-few-rounds':
      return span(formatRatioEstimate(ratio.estimate))
    case 'nothing':
    case undefined:
      return span('–')
  }
}

function ratioTone({ low, high }: { readonly low: number; readonly high: number }, { better }: Metric): Tone {
  if (low <= 1 && high >= 1) return 'dim'
  return low > 1 === (better === 'higher') ? 'good' : 'bad'
}
