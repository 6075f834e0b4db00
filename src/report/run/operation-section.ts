import type { OperationRun, ScenarioRun } from '../../run/run.ts'
import { findTiming } from '../../run/timed-rounds.ts'
import type { Comparison } from '../../run/verdict.ts'
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
} from '../render/document.ts'
import { latencySummary, type LatencySummary } from './latency-summary.ts'
import { fewestSamples } from '../../stats/levelled-round.ts'
import type { OverRounds } from '../../stats/over-rounds.ts'
import { formatConfidence, formatCount, formatInteger } from '../../core/number-format.ts'
import { operationPlans, withoutSamePlans } from './plan-section.ts'
import { levelSpan, perSecondSpan } from '../render/level-span.ts'
import { ratioSpan, statusSpan } from '../render/ratio-span.ts'
import { engineTwin, treeName, variantTree, type TreeEntry } from './variant-tree.ts'

interface Row extends TreeEntry {
  readonly latency: LatencySummary | undefined
  readonly comparison: Comparison | undefined
  readonly vmStepsPerExecution: number | undefined
  readonly walBytesPerExecution: number | undefined
}

/** Times, ratios, counters and plans of every operation, each with its variants as rows. */
export const operationSections = (
  scenario: ScenarioRun,
  comparisons: readonly Comparison[],
  confidence: number,
  detail: Detail,
): readonly Block[] =>
  scenario.operations.flatMap((operation) => {
    const rows = operationRows(scenario, operation, comparisons, confidence)
    return operationSection(scenario, operation, rows, detail)
  })

function operationRows(
  scenario: ScenarioRun,
  { id }: OperationRun,
  comparisons: readonly Comparison[],
  confidence: number,
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
        latency: timing && latencySummary(timing, confidence),
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
    ...unaffordable(operation, rows),
    ...(shown.length === rows.length ? [] : [paragraph(span(leftOut(rows, shown), 'dim'))]),
    ...operationPlans(scenario, operation.id, detail),
  ]
}

/** What the numbers of the table are: driver, samples, rounds, confidence. */
function caption(operation: OperationRun, rows: readonly Row[]): string {
  const drivers = [...new Set(rows.map(({ variant }) => variant.driver))]
  const samples = [...new Set(rows.flatMap(({ latency }) => (latency ? [latency.samples] : [])))]
  const ratios = rows.flatMap(({ comparison }) => (comparison ? [comparison.p50.ratio] : []))
  const known = ratios.flatMap((ratio) => (ratio.state === 'measured' ? [ratio] : []))
  const [least, most] = [Math.min(...samples), Math.max(...samples)]
  return [
    drivers.length === 1 ? `driver ${drivers[0]}` : '',
    operation.kind === 'write' && operation.statementsPerSample > 1
      ? `time per statement in transactions of ${operation.statementsPerSample}`
      : 'time per call',
    samples.length === 0
      ? 'not timed'
      : `${least === most ? formatCount(least) : `${formatCount(least)} to ${formatCount(most)}`} samples a variant`,
    known[0] === undefined
      ? ''
      : `${formatConfidence(known[0].interval.confidence)} confidence intervals over ${known[0].rounds} rounds`,
  ]
    .filter((text) => text !== '')
    .join(' · ')
}

/** Why cells of a 95th percentile are empty, and how to fill them. */
function unaffordable({ id }: OperationRun, rows: readonly Row[]): readonly Block[] {
  const few = rows.flatMap(({ variant, latency }) => {
    const p95 = latency?.levels.p95
    return p95?.state === 'too-few-samples' ? [{ id: variant.id, samples: p95.mostSamples }] : []
  })
  if (few.length === 0) return []
  const counts = few.map((each) => `${each.id} (${formatInteger(each.samples)})`).join(', ')
  return [
    paragraph(
      span(
        `no p95 for ${counts}: it needs ${fewestSamples.p95} samples a round; --operations ${id} or a larger --max-seconds makes time for them`,
        'dim',
      ),
    ),
  ]
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
  const level = (of: OverRounds | undefined): Span => levelSpan(of, per)
  const count = (value: number | undefined): Span => span(value === undefined ? '–' : formatCount(value))
  const mixedDrivers = new Set(rows.map(({ variant }) => variant.driver)).size > 1
  const hasP99 = rows.some(
    ({ latency }) => latency !== undefined && latency.levels.p99.state !== 'too-few-samples',
  )
  const all: readonly (TableColumn | false)[] = [
    { column: left('variant'), cell: (row) => span(treeName(row)) },
    mixedDrivers && { column: left('driver'), cell: (row) => span(row.variant.driver, 'dim') },
    { column: left('p50', 2), cell: ({ latency }) => level(latency?.levels.p50) },
    { column: left('p95', 3), cell: ({ latency }) => level(latency?.levels.p95) },
    hasP99 && { column: left('p99', 5), cell: ({ latency }) => level(latency?.levels.p99) },
    { column: left('first call', 6), cell: ({ latency }) => level(latency?.firstCall) },
    {
      column: left(isWrite ? 'stmt/s' : 'calls/s', 7),
      cell: ({ latency }) => perSecondSpan(latency?.levels.mean, per),
    },
    { column: left('p50 ratio'), cell: ({ comparison }) => ratioSpan(comparison?.p50) },
    { column: left(''), cell: ({ comparison }) => statusSpan(comparison?.p50) },
    { column: left('p95 ratio', 4), cell: ({ comparison }) => ratioSpan(comparison?.p95) },
    isWrite && { column: right('WAL B', 1), cell: (row) => count(row.walBytesPerExecution) },
    { column: right('VM steps', 1), cell: (row) => count(row.vmStepsPerExecution) },
  ]
  return all.filter((column) => column !== false)
}
