import { formatInteger } from '../../core/number-format.ts'
import { left, list, paragraph, right, span, type Block, type Span } from '../../report/render/document.ts'
import type { AssessedIndex, AssessedTable, Assessment } from '../../statistics/assess.ts'
import { groupCondition, type StatisticsProblem } from '../../statistics/problems.ts'
import { readEstimates } from '../../statistics/statistics-rows.ts'

/** What was asked. */
export interface StatusSubject {
  /** Path or URL. */
  readonly database: string
  readonly sqlite: string
  readonly server: string | null
  /** Null for a file. */
  readonly rowsReadToCount: number | null
}

const unknown = '·'
const count = (value: number | undefined): string => (value === undefined ? unknown : formatInteger(value))

/** What is wrong, below a table of what the planner believes and what is there. */
export function statusDocument(
  { database, sqlite, server }: StatusSubject,
  assessment: Assessment,
  problems: readonly StatisticsProblem[],
): readonly Block[] {
  const { tables, histogramRows } = assessment
  const engine = server === null ? `SQLite ${sqlite}` : `SQLite ${sqlite}, ${server}`
  const rows = tables.flatMap((table) => [
    tableRow(table),
    ...table.indexes.map((index) => indexRow(index, assessment)),
  ])
  return [
    paragraph(span(database, 'strong'), span(` (${engine})`, 'dim')),
    {
      kind: 'table',
      columns: [
        left('table, index'),
        right('rows believed'),
        right('rows'),
        right('believed per key'),
        left('largest group'),
      ],
      rows,
    },
    ...histogramNote(histogramRows),
    ...verdict(assessment, problems),
  ]
}

const tableRow = ({ name, statedRows, rows }: AssessedTable): readonly Span[] => [
  span(name, 'strong'),
  span(count(statedRows)),
  span(count(rows)),
  span(''),
  span(''),
]

function indexRow(
  { shape, row, entries, largest, misleading }: AssessedIndex,
  { counting }: Assessment,
): readonly Span[] {
  const { entries: stated, rowsPerKey } = readEstimates(row?.stat ?? null)
  const shown = misleading[0]?.group ?? largest[0]
  const tone = misleading.length > 0 ? 'bad' : 'plain'
  const about = counting === 'sampled' ? 'about ' : ''
  const group =
    shown === undefined ? '' : cut(`${about}${formatInteger(shown.rows)}: ${groupCondition(shape, shown)}`)
  return [
    span(`  ${shape.name}${shape.predicate === undefined ? '' : ' (partial)'}`),
    span(count(stated)),
    span(count(entries)),
    span(rowsPerKey.map(formatInteger).join(' ') || unknown, tone),
    span(group, tone),
  ]
}

const longestGroup = 48
const cut = (text: string): string =>
  text.length <= longestGroup ? text : `${text.slice(0, longestGroup - 1)}…`

const histogramNote = (rows: number): readonly Block[] =>
  rows === 0
    ? []
    : [
        paragraph(
          span(
            `sqlite_stat4 has ${formatInteger(rows)} rows: histograms that builds with SQLITE_ENABLE_STAT4 read beside sqlite_stat1. libSQL does not read them, so that such a build may plan otherwise than it; they are left as they are.`,
          ),
        ),
      ]

function verdict({ counting }: Assessment, problems: readonly StatisticsProblem[]): readonly Block[] {
  if (problems.length === 0) {
    const text =
      counting === 'none'
        ? 'Nothing is wrong in what was read; rows were not counted.'
        : 'The planner knows what the database holds.'
    return [paragraph(span(text, counting === 'none' ? 'warn' : 'good'))]
  }
  return [
    ...list(problems.map(({ code, message }) => [span(`${code}: `, 'bad'), span(message)])),
    ...list([...new Set(problems.map(({ code }) => fixes[code]))].map((fix) => [span(fix, 'dim')])),
  ]
}

const fixes: Readonly<Record<StatisticsProblem['code'], string>> = {
  missing:
    'Fix: forgebench statistics push --analyze; its --help says how a server gets the table, which it refuses to create.',
  empty: 'Fix: forgebench statistics push --analyze',
  'no-row': 'Fix: forgebench statistics push --analyze',
  'no-index': 'Fix: forgebench statistics push --analyze',
  stale: 'Fix: forgebench statistics push --analyze',
  misleading: 'Fix: forgebench statistics push --repair',
}

/** The same as plain data. */
export const statusJson = (
  subject: StatusSubject,
  assessment: Assessment,
  problems: readonly StatisticsProblem[],
): object => ({
  ...subject,
  state: assessment.state,
  counting: assessment.counting,
  problems,
  tables: assessment.tables.map(({ name, statedRows, rows, indexes }) => ({
    name,
    statedRows: statedRows ?? null,
    rows: rows ?? null,
    indexes: indexes.map(indexJson),
  })),
  orphans: assessment.orphans,
  histogramRows: assessment.histogramRows,
})

const indexJson = ({ shape, row, entries, largest, misleading }: AssessedIndex): object => ({
  name: shape.name,
  keys: shape.keys.map(({ label }) => label),
  predicate: shape.predicate ?? null,
  stat: row?.stat ?? null,
  entries: entries ?? null,
  largestGroups: largest.map(({ values, ...group }) => ({
    ...group,
    condition: groupCondition(shape, { values }),
  })),
  misleading: misleading.map(({ statedRows, group }) => ({
    prefix: group.prefix,
    statedRows,
    rows: group.rows,
  })),
})
