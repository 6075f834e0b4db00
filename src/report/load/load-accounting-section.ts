import type { RequestAccount, LoadRun } from '../../run/load/load-run.ts'
import { formatInteger } from '../../core/number-format.ts'
import { failedIn, loadSamples } from '../../run/load/load-samples.ts'
import { heading, left, paragraph, right, span, type Block, type Span } from '../render/document.ts'

const outcomes = [
  ['refused', 'refused'],
  ['timedOut', 'timed out'],
  ['closed', 'closed'],
  ['broken', 'broken'],
  ['abandoned', 'abandoned'],
  ['neverSent', 'never sent'],
] as const satisfies readonly (readonly [keyof RequestAccount, string])[]

/** Every planned request, by what became of it; warm-up included. What happened to none may be left out. */
export function accountingSection(run: LoadRun): readonly Block[] {
  const { accounting } = run.measurement
  const statuses = [...new Set(accounting.flatMap(({ answered }) => Object.keys(answered)))].sort()
  const expected = new Map(run.profile.requests.map(({ op, status }) => [op, String(status)]))
  const total = (cell: (entry: RequestAccount) => number): number =>
    accounting.reduce((sum, entry) => sum + cell(entry), 0)
  const rowOf = (
    name: Span,
    cell: (of: (entry: RequestAccount) => number) => number,
    op?: string,
  ): readonly Span[] => [
    name,
    count(cell(({ planned }) => planned)),
    count(cell(({ sent }) => sent)),
    ...statuses.map((status) => {
      const isExpected = op === undefined || expected.get(op) === status
      return count(
        cell(({ answered }) => answered[status] ?? 0),
        isExpected ? 'plain' : 'bad',
      )
    }),
    ...outcomes.map(([column]) =>
      count(
        cell((entry) => entry[column]),
        'bad',
      ),
    ),
  ]
  return [
    heading(3, span('Request accounting', 'strong'), span(', warm-up included')),
    {
      kind: 'table',
      columns: [
        left('op'),
        right('planned'),
        right('sent', 1),
        ...statuses.map((status) => right(status)),
        ...outcomes.map(([column, title], rank) =>
          right(title, total((entry) => entry[column]) === 0 ? rank + 2 : undefined),
        ),
      ],
      rows: [
        ...accounting.map((entry) => rowOf(span(entry.op, 'strong'), (of) => of(entry), entry.op)),
        ...(accounting.length === 1 ? [] : [rowOf(span('all', 'strong'), total)]),
      ],
    },
    ...wrongContent(run, expected),
  ]
}

/** Answers whose status was right and whose content was not: failed, and no column says so. */
function wrongContent(run: LoadRun, expected: ReadonlyMap<string, string>): readonly Block[] {
  const failed = failedIn(loadSamples(run))
  const explained = run.measurement.accounting.reduce(
    (sum, entry) =>
      Object.entries(entry.answered).reduce(
        (wrong, [status, count]) => (expected.get(entry.op) === status ? wrong : wrong + count),
        sum + entry.refused + entry.timedOut + entry.closed + entry.broken,
      ),
    0,
  )
  if (failed <= explained) return []
  const text = `${formatInteger(failed - explained)} answers had the right status and failed all the same: their content is not that of an API`
  return [paragraph(span('note: ', 'warn'), span(text))]
}

const count = (value: number, tone: Span['tone'] = 'plain'): Span =>
  value === 0 ? span('0', 'dim') : span(formatInteger(value), tone)
