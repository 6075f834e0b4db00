import type { Quantity } from '../../stats/levelled-round.ts'
import { roundLogs } from '../../stats/over-rounds.ts'
import { gateSides } from '../../run/gate/gate-run.ts'
import type { GateFinding, GateQuantity } from '../../run/gate/gate-verdict.ts'
import type { Evidence, ScenarioRun, Timing } from '../../run/run.ts'
import { sampledRounds } from '../../run/timed-rounds.ts'
import { asSeries, runOf, scenarioRuns, type GateReport } from './gate-report.ts'
import { wellFormed } from '../render/well-formed.ts'

/**
 * A gate in the Go benchmark format, for benchstat: `benchstat -col /side gate.txt` sets the candidate beside the
 * baseline. A timed operation is a line for each round and side, so that benchstat has independent samples; what is
 * exact is one line, and said to be exact. Configuration lines hold what may differ between machines and nothing that
 * differs between runs: benchstat would not compare what differs there. The format: golang.org/design/14313-benchmark-format.
 */
export function goBenchmarkFormat(report: GateReport): string {
  const { findings } = report.verdict
  const scenarios = [...new Set(findings.map(({ scenario }) => scenario))]
  const parts = scenarios.map((scenario) => {
    const own = findings.filter((finding) => finding.scenario === scenario)
    return [...headLines(report, scenario), ...baselineFirst(benchmarkLines(report, scenario, own))]
  })
  // What benchstat meets first is what it compares with.
  const lines = [...parts.filter(hasBaseline), ...parts.filter((part) => !hasBaseline(part))].flat()
  return [...unitLines(lines), ...lines, ''].join('\n')
}

const isBaseline = (line: string): boolean => line.includes(`/side=${gateSides.baseline} `)
const hasBaseline = (lines: readonly string[]): boolean => lines.some(isBaseline)
const baselineFirst = (lines: readonly string[]): readonly string[] => [
  ...lines.filter(isBaseline),
  ...lines.filter((line) => !isBaseline(line)),
]

/** What Go calls what Node calls otherwise. */
const goNames: Readonly<Record<string, string>> = { win32: 'windows', x64: 'amd64', ia32: '386' }

function headLines(report: GateReport, scenario: string): readonly string[] {
  const run = runOf(report, scenario)
  if (run === undefined) return [`pkg: ${oneLine(scenario)}`]
  const { platform, cpuModel } = run.environment
  const [system = '', processor = ''] = [platform.split(' ')[0], platform.split(' ').at(-1)]
  return [
    `# run ${encoded(run.id)} by forgebench ${encoded(run.forgebench)}, begun ${run.startedAt}`,
    `goos: ${oneLine(goNames[system] ?? system)}`,
    `goarch: ${oneLine(goNames[processor] ?? processor)}`,
    `cpu: ${oneLine(cpuModel)}`,
    `pkg: ${oneLine(scenario)}`,
  ]
}

function benchmarkLines(
  report: GateReport,
  scenario: string,
  findings: readonly GateFinding[],
): readonly string[] {
  const measured = report.runs.flatMap(scenarioRuns).filter(({ id }) => id === scenario)
  const runs = measured.length === 0 ? [undefined] : measured
  const blocks = runs.flatMap((run) => findings.flatMap((finding) => findingBlocks(finding, run)))
  // Several findings may rest on the same rounds.
  const once = new Map(blocks.map((block) => [block.join('\n'), block]))
  return [...once.values()].flat()
}

function findingBlocks(finding: GateFinding, run: ScenarioRun | undefined): readonly (readonly string[])[] {
  const { kind, operation, variant, metric } = asSeries(finding)
  const of = nameOf(operation, kind === 'relative' ? null : variant)
  if (kind === 'relative') {
    const sides = Object.values(gateSides).map((side) =>
      sideLines(run, operation, side, `${of}/side=${side}`),
    )
    if (sides.every((side) => side.length > 0)) return sides
  }
  const rounds = isTimed(finding)
    ? sideLines(run, operation, variant, `${of}/side=${gateSides.candidate}`)
    : []
  if (rounds.length > 0) return [rounds]
  return [
    quantityLine(`${of}/side=${gateSides.baseline}`, finding.baseline, metric, finding),
    quantityLine(`${of}/side=${gateSides.candidate}`, finding.measured, metric, finding),
  ]
}

const isTimed = ({ measured }: GateFinding): boolean =>
  measured !== null && (measured.unit === 'ns' || measured.unit === 'per second')

/** What a Run holds of one operation on one variant: a line a round, then its counters. */
function sideLines(
  run: ScenarioRun | undefined,
  operation: string | null,
  variant: string | null,
  name: string,
): readonly string[] {
  const is = (each: Pick<Timing, 'operation' | 'variant'>): boolean =>
    each.operation === operation && each.variant === variant
  const timing = run?.timings.find(is)
  if (timing === undefined) return []
  const evidence = run?.evidence.find(is)
  return [...roundLines(name, timing), ...(evidence === undefined ? [] : counterLines(name, evidence))]
}

/** A round is a sample: its mean and quantiles as the gate takes them. A p95 that a round has no samples for is left out. */
function roundLines(name: string, timing: Timing): readonly string[] {
  return sampledRounds(timing).flatMap((round) => {
    const samples = round.slices.reduce((sum, { sortedNs }) => sum + sortedNs.length, 0)
    const level = (quantity: Quantity): number | undefined => {
      const [log] = roundLogs([round], quantity).values()
      return log === undefined ? undefined : Math.round(Math.exp(log))
    }
    const [mean, p50, p95] = [level('mean'), level('p50'), level('p95')]
    if (mean === undefined || p50 === undefined) return []
    const tail = p95 === undefined ? '' : ` ${p95} p95-ns/op`
    return [`${name} ${samples} ${mean} ns/op ${p50} p50-ns/op${tail}`]
  })
}

/** Counters of one execution, the mean over all of them; none where the engine counts nothing. */
function counterLines(name: string, { counters, executions }: Evidence): readonly string[] {
  const counted = shownCounters.flatMap((counter) => {
    const sum = counters[counter] ?? undefined
    return sum === undefined ? [] : [`${sum / Math.max(executions, 1)} ${counter}`]
  })
  return counted.length === 0 ? [] : [[name, Math.max(executions, 1), ...counted].join(' ')]
}

const shownCounters = ['vmSteps', 'fullScanSteps', 'sorts', 'walBytes', 'rowsRead'] as const

function quantityLine(
  name: string,
  quantity: GateQuantity | null,
  metric: string,
  { samples }: GateFinding,
): readonly string[] {
  if (quantity === null || !Number.isFinite(quantity.value)) return []
  const { value, unit } = quantity
  const isTime = unit === 'ns' || unit === 'ms'
  const word = encoded(metric.replaceAll(' ', '_'))
  const shown = isTime ? `${word}-ns/op` : word
  return [`${name} ${Math.max(samples, 1)} ${unit === 'ms' ? value * 1e6 : value} ${shown}`]
}

/** Units that need no repetition, and those of which more is better; only those that occur. */
function unitLines(lines: readonly string[]): readonly string[] {
  const has = (unit: string): boolean => lines.some((line) => ` ${line} `.includes(` ${unit} `))
  return [
    ...[
      'vmSteps',
      'fullScanSteps',
      'sorts',
      'rows',
      'rowsRead',
      'walBytes',
      'bytes',
      'rowsReadPerMonth',
      'rowsWrittenPerMonth',
      'usdPerMonth',
    ]
      .filter(has)
      .map((unit) => `Unit ${unit} assume=exact`),
    ...['opsPerSec'].filter(has).map((unit) => `Unit ${unit} better=higher`),
  ]
}

const nameOf = (operation: string | null, variant: string | null): string =>
  [
    'BenchmarkGate',
    ...(operation === null ? [] : [`op=${encoded(operation)}`]),
    ...(variant === null ? [] : [`variant=${encoded(variant)}`]),
  ].join('/')

/** A word of the format: what would end it, or begin the next part of a name, is percent-encoded. */
const encoded = (text: string): string =>
  text === ''
    ? '%'
    : wellFormed(text).replaceAll(/[%/\s\p{Cc}\p{Z}]/gu, (character) =>
        [...new TextEncoder().encode(character)]
          .map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`)
          .join(''),
      )

/** A value of a configuration line; an empty one would take the line away. */
function oneLine(text: string): string {
  const line = wellFormed(text)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return line === '' ? '-' : line
}
