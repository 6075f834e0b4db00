import type { FemtoUsd } from '../../cost/money.ts'
import { formatUsd, formatUsdDelta } from '../../cost/money.ts'
import { pricedPlan } from '../../cost/price-table.ts'
import { formatBytes, formatCount, formatInteger, plural } from '../../core/number-format.ts'
import { variantCosts, type OperationCost, type VariantCost } from '../../run/monthly-cost.ts'
import type { ScenarioCost, ScenarioRun } from '../../run/run.ts'
import { heading, left, list, paragraph, right, span } from '../render/document.ts'
import type { Block, Column, Detail, Span } from '../render/document.ts'
import { engineTwin, treeName, variantTree, type TreeEntry } from './variant-tree.ts'

/** Rows read and written by every operation on every variant, and what a month of them costs; empty unless asked for. */
export function billSections(scenario: ScenarioRun, detail: Detail): readonly Block[] {
  const { cost } = scenario
  const costs = new Map(variantCosts(scenario).map((each) => [each.variant, each]))
  if (cost === undefined || costs.size === 0) return []
  // Through another driver the same statements read the same rows.
  const entries = variantTree(scenario.variants).flatMap((entry): readonly BilledEntry[] => {
    const of = costs.get(entry.variant.id)
    if (of === undefined || engineTwin(scenario, entry.variant) !== undefined) return []
    return [{ ...entry, cost: of, versus: costs.get(entry.variant.versus ?? '') }]
  })
  return [
    heading(3, span('Rows and money a month', 'strong')),
    ...operationTable(scenario, entries, detail),
    ...variantTable(cost, entries),
    ...list(billNotes(scenario, cost, entries)),
  ]
}

interface BilledEntry extends TreeEntry {
  readonly cost: VariantCost
  /** Of the variant that it is compared with. */
  readonly versus: VariantCost | undefined
}

interface BilledOperation extends TreeEntry {
  readonly cost: OperationCost
  readonly versus: OperationCost | undefined
}

function operationTable(
  { operations }: ScenarioRun,
  entries: readonly BilledEntry[],
  detail: Detail,
): readonly Block[] {
  const columns = detail === 'full' ? [...operationColumns, serverColumn] : operationColumns
  let leftOut = 0
  const rows = operations.flatMap(({ id }) => {
    const all = entries.flatMap((entry): readonly BilledOperation[] => {
      const cost = entry.cost.operations.find(({ operation }) => operation === id)
      const versus = entry.versus?.operations.find(({ operation }) => operation === id)
      return cost === undefined ? [] : [{ variant: entry.variant, depth: entry.depth, cost, versus }]
    })
    const shown = detail === 'full' ? all : all.filter(differs)
    leftOut += all.length - shown.length
    return shown.map((row, index) => [
      span(index === 0 ? id : '', 'strong'),
      ...columns.map(({ cell }) => cell(row)),
    ])
  })
  return [
    { kind: 'table', columns: [left('operation'), ...columns.map(({ column }) => column)], rows },
    ...(leftOut === 0
      ? []
      : [
          paragraph(
            span(
              `left out: ${plural(leftOut, 'row')} that read and write what the one above reads and writes`,
              'dim',
            ),
          ),
        ]),
  ]
}

const differs = ({ cost, versus }: BilledOperation): boolean =>
  versus === undefined ||
  cost.perCall.rowsRead !== versus.perCall.rowsRead ||
  cost.perCall.rowsWritten !== versus.perCall.rowsWritten

interface OperationColumn {
  readonly column: Column
  readonly cell: (row: BilledOperation) => Span
}

const unknown = span('–', 'dim')

const operationColumns: readonly OperationColumn[] = [
  { column: left('variant'), cell: (row) => span(treeName(row)) },
  {
    column: right('calls', 2),
    cell: ({ cost: { month } }) => (month === undefined ? unknown : span(formatCount(month.calls))),
  },
  { column: right('rows read a call'), cell: ({ cost }) => span(formatCount(cost.perCall.rowsRead)) },
  {
    column: left('least to most', 3),
    cell: ({ cost: { perCall } }) =>
      perCall.range === null
        ? unknown
        : span(`${formatCount(perCall.range.least)} to ${formatCount(perCall.range.most)}`),
  },
  { column: right('written a call'), cell: ({ cost }) => span(formatCount(cost.perCall.rowsWritten)) },
  {
    column: right('read a month', 1),
    cell: ({ cost: { month } }) =>
      month === undefined ? unknown : span(formatCount(Number(month.usage.rowsRead))),
  },
  {
    column: right('written a month', 1),
    cell: ({ cost: { month } }) =>
      month === undefined ? unknown : span(formatCount(Number(month.usage.rowsWritten))),
  },
  {
    column: right('USD a month'),
    cell: ({ cost: { month } }) => (month === undefined ? unknown : span(formatUsd(month.marginal))),
  },
  {
    column: right('Δ'),
    cell: ({ cost, versus }) => deltaSpan(cost.month?.marginal, versus?.month?.marginal),
  },
]

const serverColumn: OperationColumn = {
  column: right('server ms a call'),
  cell: ({ cost }) => span(cost.perCall.serverMs.toPrecision(3), 'dim'),
}

/** Costs of a variant; of an operation with the sign that a reader looks for: less is good. */
function deltaSpan(after: FemtoUsd | undefined, before: FemtoUsd | undefined): Span {
  if (after === undefined || before === undefined) return span('')
  const delta = after - before
  return span(formatUsdDelta(delta), delta === 0n ? 'dim' : delta < 0n ? 'good' : 'bad')
}

function variantTable({ prices, plan }: ScenarioCost, entries: readonly BilledEntry[]): readonly Block[] {
  const bills = prices.plans.map(({ name }): Column => right(`on ${name}`, name === plan ? 1 : 2))
  return [
    {
      kind: 'table',
      columns: [
        left('variant'),
        right('rows read', 3),
        right('rows written', 3),
        right('stored', 3),
        right('USD a month'),
        right('Δ'),
        ...bills,
      ],
      rows: entries.map((entry) => {
        const { usage, marginal, bills: ofPlans } = entry.cost
        return [
          span(treeName(entry)),
          span(formatCount(Number(usage.rowsRead))),
          span(formatCount(Number(usage.rowsWritten))),
          span(formatBytes(Number(usage.bytes))),
          span(formatUsd(marginal)),
          deltaSpan(marginal, entry.versus?.marginal),
          ...ofPlans.map(({ bill }) =>
            bill === undefined ? span('not known', 'dim') : span(formatUsd(bill)),
          ),
        ]
      }),
    },
  ]
}

function billNotes(
  { operations }: ScenarioRun,
  cost: ScenarioCost,
  entries: readonly BilledEntry[],
): readonly (readonly Span[])[] {
  const { prices, calls, callsAssumed, server } = cost
  const plan = pricedPlan(prices, cost.plan)
  const withoutCalls = operations.filter(({ id }) => !calls.some(({ operation }) => operation === id))
  const reads = new Set(operations.flatMap(({ id, kind }) => (kind === 'read' ? [id] : [])))
  // Of a write, what is counted are the statements of one transaction.
  const executions = Math.max(
    0,
    ...cost.counted.flatMap(({ operation, rowsRead }) => (reads.has(operation) ? [rowsRead.length] : [])),
  )
  return [
    [
      span('USD a month: ', 'dim'),
      span(
        `what these rows and bytes cost beyond the included amounts: ${formatPrice(plan.usdPerBillionRowsRead)} a billion rows read, ${formatPrice(plan.usdPerMillionRowsWritten)} a million written, ${formatPrice(plan.usdPerGb)} a GB (${prices.provider} ${plan.name}). «on …» is the bill of a plan, fee and what lies beyond it, when this is all that the account does.`,
      ),
    ],
    [
      span('prices: ', 'dim'),
      span(`${prices.provider}, ${prices.date}, ${prices.source}. ${prices.note ?? ''}`.trim()),
    ],
    [
      span('calls: ', 'dim'),
      span(
        callsAssumed
          ? `none were given, so ${formatCount(calls[0]?.callsPerMonth ?? 0)} a month of each operation are assumed; --calls sets them.`
          : withoutCalls.length === 0
            ? 'as given.'
            : `as given; ${withoutCalls.map(({ id }) => id).join(', ')} ${withoutCalls.length === 1 ? 'has' : 'have'} none and ${withoutCalls.length === 1 ? 'is' : 'are'} in no bill.`,
      ),
    ],
    [
      span('rows: ', 'dim'),
      span(
        `counted by ${server} on the variant's own database, the mean over ${plural(executions, 'execution')} of a read and one transaction of a write. An index entry is a row written here; Turso Cloud documents rows alone. What else is billed otherwise than it is counted: docs/COST.md.`,
      ),
    ],
    ...pageNotes(cost),
    ...buildNotes(cost, entries),
  ]
}

/** Operations whose bill is too low, because the server counted pages where Turso documents rows. */
function pageNotes({ counted }: ScenarioCost): readonly (readonly Span[])[] {
  const operations = [...new Set(counted.filter((each) => each.countsPages).map((each) => each.operation))]
  if (operations.length === 0) return []
  return [
    [
      span('too low: ', 'warn'),
      span(
        `${operations.join(', ')}. count(*) without a condition is counted in pages by this server, and Turso documents one row read for each row.`,
      ),
    ],
  ]
}

const formatPrice = (usd: number): string => `$${usd}`

/** What building the indexes of a variant reads and writes, once. */
const buildNotes = (
  { indexBuilds }: ScenarioCost,
  entries: readonly BilledEntry[],
): readonly (readonly Span[])[] =>
  entries.flatMap(({ variant }) => {
    const builds = indexBuilds.filter((each) => each.variant === variant.id)
    if (builds.length === 0 || variant.statistics === 'none') return []
    const texts = builds.map(
      ({ index, rowsRead, rowsWritten }) =>
        `${index} reads ${formatInteger(rowsRead)} and writes ${formatInteger(rowsWritten)} rows`,
    )
    return [[span(`${variant.id} is built once: `, 'dim'), span(texts.join(', '))]]
  })
