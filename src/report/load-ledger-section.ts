import type { LedgerEntry, LoadRun } from '../run/load-run.ts'
import { heading, left, right, span, type Block, type Span } from './document.ts'

const outcomes = [
  ['refused', 'refused'],
  ['timedOut', 'timed out'],
  ['closed', 'closed'],
  ['broken', 'broken'],
  ['abandoned', 'abandoned'],
  ['neverSent', 'never sent'],
] as const satisfies readonly (readonly [keyof LedgerEntry, string])[]

/** Every planned request, by what became of it; warm-up included. */
export function ledgerSection({ measurement: { ledger }, profile }: LoadRun): readonly Block[] {
  const statuses = [...new Set(ledger.flatMap(({ answered }) => Object.keys(answered)))].sort()
  const expected = new Map(profile.requests.map(({ op, status }) => [op, String(status)]))
  const total = (cell: (entry: LedgerEntry) => number): number =>
    ledger.reduce((sum, entry) => sum + cell(entry), 0)
  const rowOf = (
    name: Span,
    cell: (of: (entry: LedgerEntry) => number) => number,
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
    heading(3, span('Ledger', 'strong'), span(' of every request, warm-up included')),
    {
      kind: 'table',
      columns: [
        left('operation'),
        right('planned'),
        right('sent'),
        ...statuses.map((status) => right(status)),
        ...outcomes.map(([, title]) => right(title)),
      ],
      rows: [
        ...ledger.map((entry) => rowOf(span(entry.op, 'strong'), (of) => of(entry), entry.op)),
        ...(ledger.length === 1 ? [] : [rowOf(span('all', 'strong'), total)]),
      ],
    },
  ]
}

const count = (value: number, tone: Span['tone'] = 'plain'): Span =>
  value === 0 ? span('0', 'dim') : span(value.toLocaleString('en-US'), tone)
