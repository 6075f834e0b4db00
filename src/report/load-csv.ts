import { latencyQuantileNs, type LatencyCounts } from '../measure/latency-counts.ts'
import type { LoadRun } from '../run/load-run.ts'
import { loadSamples, type LoadSample } from '../run/load-samples.ts'

const quantiles = [0.5, 0.95, 0.99] as const

const header = [
  'second,op,phase,requests,failed',
  ...(['response', 'service'] as const).map((kind) =>
    [...quantiles.map((q) => `${kind}_p${q * 100}_ms`), `${kind}_max_ms`].join(','),
  ),
].join(',')

/**
 * The course of a load for a spreadsheet or a plot: a line a second and kind of request. Times in milliseconds, empty
 * where there are none: response times that the tool does not know, quantiles that fall among failed requests.
 */
export function loadCsv(run: LoadRun): string {
  const lines = loadSamples(run).map((sample) => [...countFields(sample), ...timeFields(sample)].join(','))
  return [header, ...lines, ''].join('\n')
}

const countFields = ({ second, op, isMeasured, requests, failed }: LoadSample): readonly string[] => [
  String(second),
  quoted(op),
  isMeasured ? 'measured' : 'warm-up',
  String(requests),
  String(failed),
]

const timeFields = ({ response, service }: LoadSample): readonly string[] =>
  [response, service].flatMap((latencies) => [
    ...quantiles.map((q) => (latencies === null ? '' : ms(latencyQuantileNs(latencies.judged, q)))),
    latencies === null ? '' : ms(largest(latencies.recorded)),
  ])

const largest = ({ valuesNs }: LatencyCounts): number => valuesNs.at(-1) ?? NaN

const ms = (ns: number): string => (Number.isFinite(ns) ? (ns / 1e6).toFixed(3) : '')

/** As RFC 4180 has it. A spreadsheet takes what begins with = + - @ for a formula, unless a quote stands before it. */
function quoted(given: string): string {
  const text = /^[=+\-@\t]/.test(given) ? `'${given}` : given
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
