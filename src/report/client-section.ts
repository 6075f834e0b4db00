import { compareTimings, findTiming } from '../run/compare-timings.ts'
import type { OperationRun, Run, ScenarioRun, VariantRun } from '../run/run.ts'
import { heading, left, right, span, type Block, type Span } from './document.ts'
import { latencySummary } from './latency-summary.ts'
import { formatCount, formatDelta, formatNs } from '../core/number-format.ts'
import { ratioSpan } from './ratio-span.ts'
import { engineTwin } from './variant-tree.ts'

/** What `@libsql/client` adds to each call, against the same database through the engine's own binding. */
export function clientSection(scenario: ScenarioRun, run: Run): readonly Block[] {
  const rows = scenario.variants.flatMap((variant) => {
    const engine = engineTwin(scenario, variant)
    return engine === undefined
      ? []
      : scenario.operations.flatMap((operation) => clientRow(scenario, run, operation, variant, engine))
  })
  if (rows.length === 0) return []
  return [
    heading(3, span('What @libsql/client adds to a call', 'strong')),
    {
      kind: 'table',
      columns: [
        left('operation'),
        left('schema'),
        right('libsql p50'),
        right('@libsql/client p50'),
        right('p95', 2),
        right('p99', 3),
        right('adds at p50'),
        left('p50 ratio'),
      ],
      rows,
    },
  ]
}

function clientRow(
  scenario: ScenarioRun,
  run: Run,
  operation: OperationRun,
  variant: VariantRun,
  engine: VariantRun,
): readonly (readonly Span[])[] {
  const through = findTiming(scenario, operation.id, variant.id)
  const direct = findTiming(scenario, operation.id, engine.id)
  const [after, before] = [through && latencySummary(through), direct && latencySummary(direct)]
  if (through === undefined || direct === undefined || after === undefined || before === undefined) return []
  const compared = compareTimings(through, direct, run.settings.confidence)
  return [
    [
      span(operation.kind === 'write' ? `${operation.id} (transaction)` : operation.id),
      span(engine.id),
      span(formatNs(before.p50Ns)),
      span(formatNs(after.p50Ns)),
      span(after.p95Ns === null ? '–' : formatNs(after.p95Ns)),
      span(after.p99Ns === null ? '–' : formatNs(after.p99Ns)),
      span(formatDelta(after.p50Ns - before.p50Ns, formatNs)),
      ratioSpan(compared.p50),
    ],
  ]
}

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
