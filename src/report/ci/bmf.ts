import type { GateFinding, GateQuantity } from '../../run/gate/gate-verdict.ts'
import { keptFindings, unused, type GateReport } from './gate-report.ts'
import { wellFormed } from '../render/well-formed.ts'

interface BmfMetric {
  readonly value: number
  readonly lower_value?: number
  readonly upper_value?: number
}

/** Longest names that Bencher takes: 1024 characters of a benchmark, 64 of the slug of a measure. */
const longestBenchmark = 1024
const longestSlug = 64

/**
 * The measured values in Bencher Metric Format (its `json` adapter): benchmark → measure → value with our bounds. The
 * built-in measures are used where they mean the same: `latency` is the 95th percentile in nanoseconds, `throughput` is
 * operations a second, `file-size` is bytes; counters have slugs of their own, such as `vm-steps`. What is invalid is
 * left out, because Bencher would learn from it.
 */
export function bencherMetricFormat({ verdict }: GateReport): string {
  const benchmarks = new Map<string, Map<string, BmfMetric>>()
  for (const finding of keptFindings(verdict.findings)) {
    const { measured } = finding
    if (measured === null) continue
    const name = benchmarkName(finding)
    const measures = benchmarks.get(name) ?? new Map<string, BmfMetric>()
    benchmarks.set(name, measures)
    measures.set(unused(measureSlug(finding), measures, '-'), metricOf(measured))
  }
  const entries = [...benchmarks].map(([name, measures]) => [name, Object.fromEntries(measures)] as const)
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`
}

function benchmarkName({ scenario, operation, variant }: GateFinding): string {
  const of = operation === null ? scenario : `${scenario}/${operation}`
  const name = (variant === null ? of : `${of} (${variant})`).trim()
  return name === '' ? 'forgebench' : wellFormed(name.slice(0, longestBenchmark))
}

const builtIn: Readonly<Record<string, string>> = {
  p95: 'latency',
  p95Us: 'latency',
  opsPerSec: 'throughput',
  bytes: 'file-size',
}

function measureSlug({ metric }: GateFinding): string {
  if (Object.hasOwn(builtIn, metric)) return builtIn[metric] ?? ''
  const slug = metric
    .replaceAll(/([\da-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^\da-z]+/g, '-')
    .slice(0, longestSlug - 4)
    .replaceAll(/^-+|-+$/g, '')
  return slug === '' ? 'value' : slug
}

/** Times are nanoseconds, whatever their unit. A bound that is not known yet is left out. */
function metricOf({ value, low, high, unit }: GateQuantity): BmfMetric {
  const shown = (of: number): number => {
    if (unit === 'ms') return Math.round(of * 1e6)
    return unit === 'ns' ? Math.round(of) : of
  }
  return {
    value: shown(value),
    ...(Number.isFinite(low) ? { lower_value: shown(low) } : {}),
    ...(Number.isFinite(high) ? { upper_value: shown(high) } : {}),
  }
}
