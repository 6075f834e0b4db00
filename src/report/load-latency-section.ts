import { formatNs, formatNumber } from '../core/number-format.ts'
import { latencyQuantileNs, type LatencyCounts } from '../measure/latency-counts.ts'
import type { LoadRun } from '../run/load-run.ts'
import {
  failedIn,
  knowResponse,
  latenciesOf,
  loadSamples,
  requestsIn,
  type LatencyKind,
  type LoadSample,
} from '../run/load-samples.ts'
import { heading, left, paragraph, right, span, type Block, type Span } from './document.ts'

const columns = [
  { title: 'p50', q: 0.5, fewest: 2 },
  { title: 'p90', q: 0.9, fewest: 10 },
  { title: 'p95', q: 0.95, fewest: 20 },
  { title: 'p99', q: 0.99, fewest: 100 },
  { title: 'p99.9', q: 0.999, fewest: 10_000 },
] as const

/** Latencies of the measured phase by kind of request: response time above service time, so that they compare. */
export function latencySection(run: LoadRun): readonly Block[] {
  const measured = loadSamples(run).filter(({ isMeasured }) => isMeasured)
  if (measured.length === 0) return [paragraph(span('No request of the measured phase was timed.', 'bad'))]
  const ops = run.profile.requests.map(({ op }) => op)
  const groups = [
    { name: 'all', samples: measured },
    ...ops.map((op) => ({ name: op, samples: measured.filter((sample) => sample.op === op) })),
  ].filter(({ samples, name }) => samples.length > 0 && (name === 'all' || ops.length > 1))
  const seconds = measuredSeconds(run)
  const hasResponse = knowResponse(measured)
  const hasP999 = requestsIn(measured) >= 10_000
  const shown = columns.filter(({ title }) => title !== 'p99.9' || hasP999)
  return [
    heading(
      3,
      span('Latency', 'strong'),
      span(
        hasResponse
          ? ` over ${formatNumber(seconds)} s; response time counts from the intended start, service time from sending`
          : ` over ${formatNumber(seconds)} s; service time, from sending: this tool knows no intended start`,
      ),
    ),
    {
      kind: 'table',
      columns: [
        left('operation'),
        right('requests'),
        right('req/s', 2),
        right('failed'),
        left('time'),
        ...shown.map(({ title }) => right(title, title === 'p90' ? 3 : undefined)),
        right('max'),
      ],
      rows: groups.flatMap(({ name, samples }) =>
        (hasResponse ? (['response', 'service'] as const) : (['service'] as const)).map((kind, line) => [
          ...(line === 0 ? countCells(name, samples, seconds) : [span(''), span(''), span(''), span('')]),
          span(kind, kind === 'response' ? 'plain' : 'dim'),
          ...quantileCells(latenciesOf(samples, kind), shown, kind),
          maxCell(latenciesOf(samples, kind, 'recorded'), kind),
        ]),
      ),
    },
  ]
}

/** Seconds of the measured phase. */
export function measuredSeconds({ settings, measurement }: LoadRun): number {
  const planned = settings.stages.reduce((sum, { seconds }) => sum + seconds, 0)
  return Math.max(Math.min(planned, measurement.seconds) - settings.warmUpSeconds, 0)
}

function countCells(name: string, samples: readonly LoadSample[], seconds: number): readonly Span[] {
  const requests = requestsIn(samples)
  const failed = failedIn(samples)
  return [
    span(name, 'strong'),
    span(requests.toLocaleString('en-US')),
    span(seconds === 0 ? '–' : formatNumber(requests / seconds)),
    failed === 0
      ? span('0', 'dim')
      : span(`${failed.toLocaleString('en-US')} (${formatNumber((failed / requests) * 100)} %)`, 'bad'),
  ]
}

/** A quantile that falls among the failed requests has no time: they count as slower than all others. */
function quantileCells(
  latencies: LatencyCounts,
  shown: readonly (typeof columns)[number][],
  kind: LatencyKind,
): readonly Span[] {
  return shown.map(({ q, fewest, title }) => {
    if (latencies.samples < fewest) return span('–', 'dim')
    const ns = latencyQuantileNs(latencies, q)
    if (ns === Infinity) return span('failed', 'bad')
    return span(formatNs(ns), kind === 'service' ? 'dim' : title === 'p95' ? 'strong' : 'plain')
  })
}

const maxCell = ({ valuesNs }: LatencyCounts, kind: LatencyKind): Span =>
  span(formatNs(valuesNs.at(-1) ?? 0), kind === 'service' ? 'dim' : 'plain')
