import { formatNs } from '../../core/number-format.ts'
import type { OverRounds } from '../../stats/over-rounds.ts'
import { variantCosts } from '../../run/monthly-cost.ts'
import type { ScenarioRun } from '../../run/run.ts'
import { findTiming } from '../../run/timed-rounds.ts'
import { levelSpan } from '../render/level-span.ts'
import { heading, left, paragraph, right, span, type Block, type Span } from '../render/document.ts'
import { latencySummary } from './latency-summary.ts'
import { treeName, variantTree, type TreeEntry } from './variant-tree.ts'

/** A replica answers reads itself: the server has no part in them. */
const servers = ['sqld', 'sqld-ws']

/**
 * Where the time of a call on a server goes: the client's clock around the call, beside what the server says that its
 * engine took (`query_duration_ms` of the protocol, median over the executions that were counted). What lies between them
 * is client, protocol and network. Nothing where no server was measured or counted.
 */
export function serverSection(scenario: ScenarioRun, confidence: number): readonly Block[] {
  const asked = variantTree(scenario.variants).filter(({ variant }) => servers.includes(variant.driver))
  const rows = scenario.operations.flatMap(({ id }) =>
    asked
      .map((entry) => serverRow(scenario, id, entry, confidence))
      .filter((cells) => cells !== undefined)
      .map((cells, index) => [span(index === 0 ? id : '', 'strong'), ...cells]),
  )
  if (rows.length === 0) return []
  return [
    heading(3, span('Client, network and engine', 'strong')),
    {
      kind: 'table',
      columns: [
        left('operation'),
        left('variant'),
        left('client p50'),
        right('engine p50'),
        right('rest'),
        right('engine share'),
      ],
      rows,
    },
    paragraph(
      span(
        'client p50: the whole call, of a statement in a transaction its share of it. engine p50: the same statement by the clock of the server, in a pass of its own. rest: the client, the protocol and the network, and of a transaction its BEGIN and COMMIT.',
        'dim',
      ),
    ),
  ]
}

function serverRow(
  scenario: ScenarioRun,
  operation: string,
  entry: TreeEntry,
  confidence: number,
): readonly Span[] | undefined {
  const { id } = entry.variant
  const timing = findTiming(scenario, operation, id)
  const counted = variantCosts(scenario)
    .find(({ variant }) => variant === id)
    ?.operations.find((each) => each.operation === operation)
  if (timing === undefined || counted === undefined) return undefined
  const { statementsPerSample = 1 } = scenario.operations.find((each) => each.id === operation) ?? {}
  const p50 = latencySummary(timing, confidence)?.levels.p50
  const engineNs = (counted.perCall.serverMs * 1e6) / statementsPerSample
  const clientNs = (estimateOf(p50) ?? Number.NaN) / statementsPerSample
  const hasBoth = clientNs > engineNs
  return [
    span(treeName(entry)),
    levelSpan(p50, statementsPerSample),
    span(formatNs(engineNs)),
    span(hasBoth ? formatNs(clientNs - engineNs) : '–'),
    span(hasBoth ? `${Math.round((100 * engineNs) / clientNs)} %` : '–'),
  ]
}

function estimateOf(level: OverRounds | undefined): number | undefined {
  switch (level?.state) {
    case 'measured':
      return level.interval.estimate
    case 'too-few-rounds':
      return level.estimate
    case 'too-few-samples':
    case 'nothing':
    case undefined:
      return undefined
  }
}
