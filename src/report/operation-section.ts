import { compareScenario, findTiming, type Comparison } from '../run/compare-timings.ts'
import type { OperationRun, Run, ScenarioRun } from '../run/run.ts'
import {
  heading,
  left,
  paragraph,
  right,
  span,
  type Block,
  type Column,
  type Detail,
  type Span,
} from './document.ts'
import { latencySummary, type LatencySummary } from './latency-summary.ts'
import { formatConfidence, formatCount, formatNs } from '../core/number-format.ts'
import { operationPlans, withoutSamePlans } from './plan-section.ts'
import { ratioSpan, wordSpan } from './ratio-span.ts'
import { engineTwin, treeName, variantTree, type TreeEntry } from './variant-tree.ts'

interface Row extends TreeEntry {
  readonly latency: LatencySummary | undefined
  readonly comparison: Comparison | undefined
  readonly vmStepsPerExecution: number | undefined
  readonly walBytesPerExecution: number | undefined
}

/** Times, ratios, counters and plans of every operation, each with its variants as rows. */
export function operationSections(scenario: ScenarioRun, run: Run, detail: Detail): readonly Block[] {
  const comparisons = compareScenario(scenario, run.settings.confidence)
  return scenario.operations.flatMap((operation) => {
    const rows = operationRows(scenario, operation, comparisons)
    return operationSection(scenario, operation, rows, detail)
  })
}

function operationRows(
  scenario: ScenarioRun,
  { id }: OperationRun,
  comparisons: readonly Comparison[],
): readonly Row[] {
  return variantTree(scenario.variants).flatMap((entry): Row[] => {
    const variant = entry.variant.id
    const timing = findTiming(scenario, id, variant)
    const evidence = scenario.evidence.find((found) => found.operation === id && found.variant === variant)
    if (timing === undefined && evidence === undefined) return []
    const perExecution = (sum: number | null | undefined): number | undefined =>
      evidence === undefined || evidence.executions === 0 || sum === null || sum === undefined
        ? undefined
        : sum / evidence.executions
    return [
      {
        ...entry,
        latency: timing && latencySummary(timing),
        comparison: comparisons.find((found) => found.operation === id && found.variant === variant),
        vmStepsPerExecution: perExecution(evidence?.counters.vmSteps),
        walBytesPerExecution: perExecution(evidence?.counters.walBytes),
      },
    ]
  })
}

function operationSection(
  scenario: ScenarioRun,
  operation: OperationRun,
  measured: readonly Row[],
  detail: Detail,
): readonly Block[] {
  // On a screen, rows through @libsql/client stand in a table of their own, beside the engine's.
  const rows =
    detail === 'full'
      ? measured
      : measured.filter(({ variant }) => engineTwin(scenario, variant) === undefined)
  const title = heading(3, span(`${operation.id} `, 'strong'), span(operation.title))
  if (rows.length === 0) return [title, paragraph(span('not measured', 'warn'))]
  const shown = detail === 'brief' ? withoutSamePlans(scenario, operation.id, rows) : rows
  const columns = operationColumns(operation, shown)
  return [
    title,
    paragraph(span(caption(operation, rows), 'dim')),
    {
      kind: 'table',
      columns: columns.map(({ column }) => column),
      rows: shown.map((row) => columns.map(({ cell }) => cell(row))),
    },
    ...(shown.length === rows.length ? [] : [paragraph(span(leftOut(rows, shown), 'dim'))]),
    ...operationPlans(scenario, operation.id, detail),
  ]
}

/** What the numbers of the table are: driver, samples, rounds, sureness. */
function caption(operation: OperationRun, rows: readonly Row[]): string {
  const drivers = [...new Set(rows.map(({ variant }) => variant.driver))]
  const samples = [...new Set(rows.flatMap(({ latency }) => (latency ? [latency.samples] : [])))]
  const ratios = rows.flatMap(({ comparison }) => (comparison ? [comparison.p50.ratio] : []))
  const sure = ratios.flatMap((ratio) => (ratio.state === 'measured' ? [ratio] : []))
  const [least, most] = [Math.min(...samples), Math.max(...samples)]
  return [
    drivers.length === 1 ? `driver ${drivers[0]}` : '',
    operation.kind === 'write' && operation.statementsPerSample > 1
      ? `time per statement in transactions of ${operation.statementsPerSample}`
      : 'time per call',
    samples.length === 0
      ? 'not timed'
      : `${least === most ? formatCount(least) : `${formatCount(least)} to ${formatCount(most)}`} samples a variant`,
    sure[0] === undefined
      ? ''
      : `intervals over ${sure[0].rounds} rounds, ${formatConfidence(sure[0].interval.confidence)} sure`,
  ]
    .filter((text) => text !== '')
    .join(' · ')
}

const leftOut = (rows: readonly Row[], shown: readonly Row[]): string =>
  `left out, as their plan is the same with and without statistics: ${rows
    .filter((row) => !shown.includes(row))
    .map(({ variant }) => variant.id)
    .join(', ')}`

interface TableColumn {
  readonly column: Column
  readonly cell: (row: Row) => Span
}

function operationColumns(operation: OperationRun, rows: readonly Row[]): readonly TableColumn[] {
  const isWrite = operation.kind === 'write'
  const per = operation.statementsPerSample
  const time = (ns: number | null | undefined): Span => span(ns == null ? '–' : formatNs(ns / per))
  const count = (value: number | undefined): Span => span(value === undefined ? '–' : formatCount(value))
  const mixedDrivers = new Set(rows.map(({ variant }) => variant.driver)).size > 1
  const hasP999 = rows.some(({ latency }) => (latency?.p999Ns ?? null) !== null)
  const all: readonly (TableColumn | false)[] = [
    { column: left('variant'), cell: (row) => span(treeName(row)) },
    mixedDrivers && { column: left('driver'), cell: (row) => span(row.variant.driver, 'dim') },
    { column: right('p50'), cell: ({ latency }) => time(latency?.p50Ns) },
    { column: right('p95'), cell: ({ latency }) => time(latency?.p95Ns) },
    { column: right('p99', 3), cell: ({ latency }) => time(latency?.p99Ns) },
    hasP999 && { column: right('p99.9', 5), cell: ({ latency }) => time(latency?.p999Ns) },
    {
      column: right(isWrite ? 'stmt/s' : 'ops/s', 2),
      cell: ({ latency }) => count(latency && latency.samplesPerSec * per),
    },
    { column: left('p50 ratio'), cell: ({ comparison }) => ratioSpan(comparison?.p50) },
    { column: left(''), cell: ({ comparison }) => wordSpan(comparison?.p50) },
    { column: left('p95 ratio', 4), cell: ({ comparison }) => ratioSpan(comparison?.p95) },
    isWrite && { column: right('WAL B', 1), cell: (row) => count(row.walBytesPerExecution) },
    { column: right('VM steps', 1), cell: (row) => count(row.vmStepsPerExecution) },
  ]
  return all.filter((column) => column !== false)
}
