import {
  formatDecimal,
  formatInteger,
  formatNs,
  formatNsWithin,
  formatNumber,
} from '../../core/number-format.ts'
import type { LatencyCounts } from '../../stats/latency-counts.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import {
  failedIn,
  knowResponse,
  latenciesOf,
  loadSamples,
  requestsIn,
  type LatencyKind,
  type LoadSample,
} from '../../run/load/load-samples.ts'
import { estimateQuantile } from '../../run/load/load-quantile.ts'
import { measuredPhase } from '../../run/load/measured-phase.ts'
import {
  heading,
  left,
  paragraph,
  right,
  span,
  type Block,
  type Column,
  type Span,
} from '../render/document.ts'

interface Quantile {
  readonly column: Column
  readonly q: number
  /** Samples below which it says nothing. */
  readonly fewest: number
}

const quantiles: readonly Quantile[] = [
  { column: right('p50'), q: 0.5, fewest: 1 },
  { column: right('p90', 4), q: 0.9, fewest: 10 },
  { column: right('p95'), q: 0.95, fewest: 20 },
  { column: right('p99'), q: 0.99, fewest: 100 },
  { column: right('p99.9', 5), q: 0.999, fewest: 10_000 },
]

/** Latencies of the measured phase by kind of request: service time below response time, so that they compare. */
export function latencySection(run: LoadRun): readonly Block[] {
  const measured = loadSamples(run).filter(({ isMeasured }) => isMeasured)
  if (measured.length === 0) return [paragraph(span('No request of the measured phase was timed.', 'bad'))]
  const { fromSecond, endSecond } = measuredPhase(run)
  const kinds = knowResponse(measured) ? (['response', 'service'] as const) : (['service'] as const)
  const shown = quantiles.filter(({ fewest }) => fewest <= Math.max(requestsIn(measured), 100))
  return [
    heading(3, span('Latency', 'strong'), span(headingText(run, kinds.length === 2, endSecond - fromSecond))),
    {
      kind: 'table',
      columns: [
        left('op'),
        right('requests', 2),
        right('req/s', 3),
        right('failed'),
        left('time'),
        ...shown.map(({ column }) => column),
        right('max', 1),
      ],
      rows: groupsOf(run, measured).flatMap(({ name, samples }) =>
        kinds.map((kind, line) => [
          ...(line === 0
            ? countCells(name, samples, endSecond - fromSecond)
            : Array.from({ length: 4 }, () => span(''))),
          span(kind, kind === 'service' && kinds.length === 2 ? 'dim' : 'plain'),
          ...quantileCells(run, samples, kind, shown),
        ]),
      ),
    },
    ...gapsParagraph(run, measured, kinds, shown),
  ]
}

/** Why quantiles of the table are missing, or stand there without an interval. */
function gapsParagraph(
  run: LoadRun,
  measured: readonly LoadSample[],
  kinds: readonly LatencyKind[],
  shown: readonly Quantile[],
): readonly Block[] {
  const hasSeconds = run.measurement.sliceLength !== 'phase'
  const groups = groupsOf(run, measured).map(({ samples }) => ({ samples, requests: requestsIn(samples) }))
  const tooFew = shown
    .filter(({ fewest }) => groups.some(({ requests }) => requests < fewest))
    .map(({ column, fewest }) => `${column.title} needs ${formatInteger(fewest)} requests`)
  const refused = groups.flatMap(({ samples, requests }) =>
    shown
      .filter(({ fewest }) => requests >= fewest)
      .flatMap(({ q }) => kinds.flatMap((kind) => estimateQuantile(samples, kind, q, hasSeconds).why)),
  )
  const texts = [
    ...new Set(refused.filter((why) => why !== '')),
    ...(tooFew.length === 0 ? [] : [`–: ${tooFew.join(', ')}`]),
  ]
  return texts.length === 0 ? [] : [paragraph(span(texts.join(' · '), 'dim'))]
}

function headingText({ measurement, settings }: LoadRun, hasResponse: boolean, seconds: number): string {
  const over = ` over ${formatDecimal(seconds)} s after the warm-up`
  if (hasResponse) return `${over}: response time from the intended start, service time from sending`
  const why =
    settings.model.kind === 'open-model'
      ? `${measurement.tool.name} knows no intended start`
      : 'a closed loop has no intended start'
  return `${over}: service time, from sending; ${why}`
}

function groupsOf(
  { profile }: LoadRun,
  measured: readonly LoadSample[],
): readonly { readonly name: string; readonly samples: readonly LoadSample[] }[] {
  const byOp = profile.requests
    .map(({ op }) => ({ name: op, samples: measured.filter((sample) => sample.op === op) }))
    .filter(({ samples }) => samples.length > 0)
  return byOp.length === 1 ? byOp : [{ name: 'all', samples: measured }, ...byOp]
}

function countCells(name: string, samples: readonly LoadSample[], seconds: number): readonly Span[] {
  const requests = requestsIn(samples)
  const failed = failedIn(samples)
  return [
    span(name, 'strong'),
    span(formatInteger(requests)),
    span(seconds === 0 ? '–' : formatNumber(requests / seconds)),
    failed === 0
      ? span('0', 'dim')
      : span(`${formatInteger(failed)} (${formatNumber((failed / requests) * 100)} %)`, 'bad'),
  ]
}

/**
 * A quantile with its 95 % interval, in the unit of the quantile; alone where there is none. One that falls among the
 * failed requests has no time: they count as slower than all others.
 */
function quantileCells(
  { measurement }: LoadRun,
  samples: readonly LoadSample[],
  kind: LatencyKind,
  shown: readonly Quantile[],
): readonly Span[] {
  const requests = requestsIn(samples)
  return [
    ...shown.map(({ q, fewest, column }) => {
      if (requests < fewest) return span('–', 'dim')
      const { valueNs, interval } = estimateQuantile(samples, kind, q, measurement.sliceLength !== 'phase')
      if (valueNs === Infinity) return span('failed', 'bad')
      return span(
        interval === null ? formatNs(valueNs) : formatNsWithin(valueNs, interval.lowNs, interval.highNs),
        kind === 'service' ? 'dim' : column.title === 'p95' ? 'strong' : 'plain',
      )
    }),
    maxCell(latenciesOf(samples, kind, 'recorded'), kind),
  ]
}

const maxCell = ({ valuesNs }: LatencyCounts, kind: LatencyKind): Span =>
  span(formatNs(valuesNs.at(-1) ?? 0), kind === 'service' ? 'dim' : 'plain')
