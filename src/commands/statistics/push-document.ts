import { formatInteger, formatRatioEstimate } from '../../core/number-format.ts'
import type { ForetoldStatement } from '../../engine/statistics/foretell.ts'
import { isWorse } from '../../engine/statistics/foretell.ts'
import type { PushProposal, RowChange } from '../../engine/statistics/propose-push.ts'
import { left, list, paragraph, right, span, type Block, type Span } from '../../report/render/document.ts'
import { describePlan, readPlan } from '../../schema/plan.ts'

/** What a push would do: rows that change, then plans and steps of the workload. */
export function pushDocument(proposal: PushProposal): readonly Block[] {
  const { changes, repaired, misleading, notes, foretold, unrepaired } = proposal
  return [
    ...rowsTable(changes),
    ...list(notes.map((note) => [span(note, 'dim')])),
    ...list(misleading.map((message) => [span('misleading: ', 'bad'), span(message)])),
    ...(misleading.length === 0
      ? []
      : [paragraph(span('--repair proposes other rows for them, and shows what that does.', 'dim'))]),
    ...repairNote(repaired),
    ...(unrepaired.length === 0
      ? []
      : [paragraph(span('Without the repair', 'strong')), ...statementsTable(unrepaired)]),
    ...(unrepaired.length === 0 ? [] : [paragraph(span('With it', 'strong'))]),
    ...(foretold.length === 0
      ? [paragraph(span('No workload: plans are not compared (--scenario or --sql).', 'warn'))]
      : statementsTable(foretold)),
  ]
}

const repairNote = (repaired: readonly RowChange[]): readonly Block[] =>
  repaired.length === 0
    ? []
    : [
        paragraph(
          span(
            `Repaired: ${repaired.map(({ before, after }) => `${after?.index ?? ''} ${before?.stat ?? ''} → ${after?.stat ?? ''}`).join(', ')}. Lookups of their rarer values are taken for expensive from then on.`,
          ),
        ),
      ]

const rowsTable = (changes: readonly RowChange[]): readonly Block[] =>
  changes.length === 0
    ? []
    : [
        {
          kind: 'table',
          columns: [left('row of sqlite_stat1'), left('now'), left('new')],
          rows: changes.map(({ before, after }) => [
            span((after ?? before)?.index ?? `table ${(after ?? before)?.table}`),
            span(statOf(before)),
            span(statOf(after)),
          ]),
        },
      ]

const statOf = (row: RowChange['before']): string => (row === undefined ? '–' : (row.stat ?? 'NULL'))

const statementsTable = (foretold: readonly ForetoldStatement[]): readonly Block[] => [
  {
    kind: 'table',
    columns: [left('statement'), right('VM steps now'), right('then'), right('×'), left('plan')],
    rows: foretold.map(statementRow),
  },
]

function statementRow(each: ForetoldStatement): readonly Span[] {
  const { statement, before, after, change } = each
  const [old, fresh] = [before.vmSteps, after.vmSteps]
  const ratio = old === null || fresh === null || old === 0 ? '' : formatRatioEstimate(fresh / old)
  const tone = isWorse(each) ? 'bad' : change === '' ? 'dim' : 'plain'
  return [
    span(statement.id, 'strong'),
    span(old === null ? '·' : formatInteger(old)),
    span(fresh === null ? '·' : formatInteger(fresh)),
    span(ratio, tone),
    span(change === '' ? 'same plan' : change, tone),
  ]
}

/** The same as plain data. */
export const pushJson = (
  database: string,
  proposal: PushProposal,
  outcome: { readonly pushed: boolean; readonly undo: string | null; readonly message: string },
): object => ({
  database,
  pushed: outcome.pushed,
  undo: outcome.undo,
  message: outcome.message,
  changes: proposal.changes.map(jsonOfChange),
  repaired: proposal.repaired.map(jsonOfChange),
  misleading: proposal.misleading,
  notes: proposal.notes,
  statements: proposal.foretold.map(jsonOfStatement),
  unrepaired: proposal.unrepaired.map(jsonOfStatement),
})

const jsonOfChange = ({ before, after }: RowChange): object => ({
  table: (after ?? before)?.table,
  index: (after ?? before)?.index ?? null,
  before: before?.stat ?? null,
  after: after?.stat ?? null,
})

const jsonOfStatement = (each: ForetoldStatement): object => ({
  id: each.statement.id,
  sql: each.statement.sql,
  change: each.change,
  worse: isWorse(each),
  before: { plan: describePlan(readPlan(each.before.explain)), vmSteps: each.before.vmSteps },
  after: { plan: describePlan(readPlan(each.after.explain)), vmSteps: each.after.vmSteps },
})
