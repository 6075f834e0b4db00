import { formatInteger } from '../../core/number-format.ts'
import type { GateFinding, GateQuantity, GateUnit } from '../../run/gate/gate-verdict.ts'
import { keptFindings, namedFindings, type NamedFinding, runOf, type GateReport } from './gate-report.ts'
import { wellFormed } from '../render/well-formed.ts'

/** One point of github-action-benchmark: `customSmallerIsBetter` and `customBiggerIsBetter` take arrays of them. */
interface BenchmarkPoint {
  readonly name: string
  readonly unit: string
  readonly value: number
  readonly range?: string
  readonly extra: string
}

/**
 * The measured times, counters and sizes for github-action-benchmark's tool `customSmallerIsBetter`: the value, our
 * bounds as its range, the verdict as its extra text. What is invalid is left out: the next commit would be compared
 * with it. That tool's own alarm compares two points of different machines; let the gate decide.
 */
export const smallerIsBetter = (report: GateReport): string => benchmarkPoints(report, 'smaller')

/** As `smallerIsBetter`, of what should be large, such as operations a second; the direction is one per file. */
export const biggerIsBetter = (report: GateReport): string => benchmarkPoints(report, 'bigger')

type Direction = 'smaller' | 'bigger' | 'neither'

function benchmarkPoints(report: GateReport, direction: Direction): string {
  const points = namedFindings(keptFindings(report.verdict.findings))
    .filter(({ finding }) => directionOf(finding) === direction)
    .flatMap((named) => pointOf(report, named))
  return `${JSON.stringify(points, null, 2)}\n`
}

/** Which way a metric is better. Rows of an answer are right or wrong, not better. */
function directionOf({ metric, measured }: GateFinding): Direction {
  if (metric === 'rows') return 'neither'
  if (/^dropped_iterations\b/.test(metric)) return 'smaller'
  if (/^(http_reqs|iterations)\b/.test(metric) || measured?.unit === 'per second') return 'bigger'
  return 'smaller'
}

function pointOf(report: GateReport, { finding, name }: NamedFinding): readonly BenchmarkPoint[] {
  const { measured, status, reason, limit } = finding
  if (measured === null) return []
  const run = runOf(report, finding.scenario)
  const extra = [`${status}: ${reason}`, `limit: ${limit}`, ...(run === undefined ? [] : [`run ${run.id}`])]
  return [
    {
      name: wellFormed(name),
      unit: units[measured.unit],
      value: measured.unit === 'ns' ? Math.round(measured.value) : measured.value,
      ...rangeOf(measured),
      extra: wellFormed(extra.join('\n')),
    },
  ]
}

/** Units that the action can convert between points, and names for the others. */
const units: Readonly<Record<GateUnit, string>> = {
  ns: 'ns',
  ms: 'ms',
  bytes: 'bytes',
  count: 'count',
  'per second': 'ops/s',
  share: 'share',
  usd: 'USD',
}

/** Our bounds are not symmetrical, so no `±`; none for what is exact, or has no bounds yet. */
function rangeOf({ low, high }: GateQuantity): { readonly range?: string } {
  if (low === high || !Number.isFinite(low) || !Number.isFinite(high)) return {}
  const text = (bound: number): string =>
    Math.abs(bound) >= 1000 ? formatInteger(bound) : String(Number(bound.toPrecision(3)))
  return { range: `${text(low)} to ${text(high)}` }
}
