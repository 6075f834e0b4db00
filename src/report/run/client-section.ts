import type { OperationRun, ScenarioRun, VariantRun } from '../../run/run.ts'
import { findTiming } from '../../run/timed-rounds.ts'
import type { Comparison } from '../../run/verdict.ts'
import { heading, left, right, span, type Block, type Span } from '../render/document.ts'
import { latencySummary } from './latency-summary.ts'
import { levelSpan } from '../render/level-span.ts'
import type { OverRounds } from '../../stats/over-rounds.ts'
import { formatCount, formatDelta, formatNs } from '../../core/number-format.ts'
import { ratioSpan } from '../render/ratio-span.ts'
import { engineTwin } from './variant-tree.ts'

/** What each driver adds to a call, against the same database through the engine's own binding: a table a driver. */
export function clientSection(
  scenario: ScenarioRun,
  comparisons: readonly Comparison[],
  confidence: number,
): readonly Block[] {
  const rowsOf = new Map<string, readonly (readonly Span[])[]>()
  for (const variant of scenario.variants) {
    const engine = engineTwin(scenario, variant)
    if (engine === undefined) continue
    const rows = scenario.operations.flatMap((operation) => {
      const compared = comparisons.find(
        (each) => each.operation === operation.id && each.variant === variant.id && each.versus === engine.id,
      )
      return clientRow(scenario, operation, variant, engine, compared, confidence)
    })
    rowsOf.set(variant.driver, [...(rowsOf.get(variant.driver) ?? []), ...rows])
  }
  return [...rowsOf].flatMap(([driver, rows]) => (rows.length === 0 ? [] : driverTable(driver, rows)))
}

const driverTable = (driver: string, rows: readonly (readonly Span[])[]): readonly Block[] => [
  heading(3, span(`What ${driver} adds to a call`, 'strong')),
  {
    kind: 'table',
    columns: [
      left('operation'),
      left('schema'),
      left('libsql p50'),
      left(`${driver} p50`),
      left('p95', 2),
      right('adds at p50'),
      left('p50 ratio'),
    ],
    rows,
  },
]

function clientRow(
  scenario: ScenarioRun,
  operation: OperationRun,
  variant: VariantRun,
  engine: VariantRun,
  compared: Comparison | undefined,
  confidence: number,
): readonly (readonly Span[])[] {
  const through = findTiming(scenario, operation.id, variant.id)
  const direct = findTiming(scenario, operation.id, engine.id)
  const [after, before] = [
    through && latencySummary(through, confidence),
    direct && latencySummary(direct, confidence),
  ]
  if (after === undefined || before === undefined) return []
  const [afterNs, beforeNs] = [estimateOf(after.levels.p50), estimateOf(before.levels.p50)]
  return [
    [
      span(operation.kind === 'write' ? `${operation.id} (transaction)` : operation.id),
      span(engine.id),
      levelSpan(before.levels.p50, 1),
      levelSpan(after.levels.p50, 1),
      levelSpan(after.levels.p95, 1),
      span(afterNs === undefined || beforeNs === undefined ? '–' : formatDelta(afterNs - beforeNs, formatNs)),
      ratioSpan(compared?.p50),
    ],
  ]
}

const estimateOf = (level: OverRounds): number | undefined =>
  level.state === 'measured'
    ? level.interval.estimate
    : level.state === 'too-few-rounds'
      ? level.estimate
      : undefined

/** Work that a choice moves into the application, in JavaScript alone. */
export function clientWorkSection(scenario: ScenarioRun): readonly Block[] {
  if (scenario.clientWork.length === 0) return []
  return [
    heading(3, span('Work in the application', 'strong'), span(' (JavaScript alone, no driver)')),
    {
      kind: 'table',
      columns: [left('work'), right('p50'), right('p99'), right('ops/s'), right('samples')],
      rows: scenario.clientWork.map(({ title, p50Ns, p99Ns, opsPerSec, samples }) => [
        span(title),
        span(formatNs(p50Ns)),
        span(formatNs(p99Ns)),
        span(formatCount(opsPerSec)),
        span(formatCount(samples)),
      ]),
    },
  ]
}
