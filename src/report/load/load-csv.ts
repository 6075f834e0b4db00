import type { LatencyCounts } from '../../stats/latency-counts.ts'
import { boundQuantile, bySecond, quantileDispersion } from '../../run/load/load-quantile.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { latenciesOf, loadSamples, type LoadSample } from '../../run/load/load-samples.ts'
import type { Dispersion } from '../../stats/windowed-quantile.ts'

const quantiles = [0.5, 0.95, 0.99] as const

const header = [
  'second,op,phase,requests,failed',
  ...(['response', 'service'] as const).map((kind) =>
    [
      ...quantiles.flatMap((q) => ['', '_low', '_high'].map((bound) => `${kind}_p${q * 100}${bound}_ms`)),
      `${kind}_max_ms`,
    ].join(','),
  ),
].join(',')

/**
 * The course of a load for a spreadsheet or a plot: a line a second and kind of request. Times in milliseconds, empty
 * where there are none: response times that the tool does not know, quantiles that fall among failed requests. `low` and
 * `high` are the 95 % interval of a second's quantile, with the dependence between requests that the whole phase shows;
 * empty in the warm-up, where no sample bounds it, and where the load is too short for one.
 */
export function loadCsv(run: LoadRun): string {
  const samples = loadSamples(run)
  const dispersions = dispersionsOf(run, samples)
  const lines = samples.map((sample) =>
    [...countFields(sample), ...timeFields(sample, dispersions)].join(','),
  )
  return [header, ...lines, ''].join('\n')
}

const countFields = ({ second, op, isMeasured, requests, failed }: LoadSample): readonly string[] => [
  String(second),
  quoted(op),
  isMeasured ? 'measured' : 'warm-up',
  String(requests),
  String(failed),
]

type Kind = 'response' | 'service'
type Dispersions = (op: string, kind: Kind, q: number) => Dispersion

/** How each quantile varies over the measured seconds of a kind of request; each is computed once. */
function dispersionsOf({ measurement }: LoadRun, samples: readonly LoadSample[]): Dispersions {
  const known = new Map<string, Dispersion>()
  return (op, kind, q) => {
    const key = `${kind} ${q} ${op}`
    const before = known.get(key)
    if (before !== undefined) return before
    const own = samples.filter((sample) => sample.op === op && sample.isMeasured)
    const seconds = measurement.sliceLength === 'phase' ? [] : bySecond(own)
    const found = quantileDispersion(
      seconds.map((second) => latenciesOf(second, kind)),
      q,
    )
    known.set(key, found)
    return found
  }
}

function timeFields(
  { op, isMeasured, response, service }: LoadSample,
  dispersions: Dispersions,
): readonly string[] {
  return (['response', 'service'] as const).flatMap((kind) => {
    const latencies = kind === 'response' ? response : service
    if (latencies === null) return [...quantiles.flatMap(() => ['', '', '']), '']
    return [
      ...quantiles.flatMap((q) => {
        const dispersion = dispersions(op, kind, q)
        const { valueNs, lowNs, highNs } = boundQuantile(latencies.judged, q, dispersion)
        const isBounded = isMeasured && dispersion.kind === 'estimated'
        return [valueNs, isBounded ? lowNs : NaN, isBounded ? highNs : NaN].map(ms)
      }),
      ms(largest(latencies.recorded)),
    ]
  })
}

const largest = ({ valuesNs }: LatencyCounts): number => valuesNs.at(-1) ?? NaN

const ms = (ns: number): string => (Number.isFinite(ns) ? (ns / 1e6).toFixed(3) : '')

/** As RFC 4180 has it. A spreadsheet takes what begins with = + - @ for a formula, unless a quote stands before it. */
function quoted(given: string): string {
  const text = /^[=+\-@\t]/.test(given) ? `'${given}` : given
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
