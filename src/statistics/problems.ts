import { formatInteger } from '../core/number-format.ts'
import type { SqlValue } from '../target/connection.ts'
import type { AssessedIndex, AssessedTable, Assessment } from './assess.ts'
import type { IndexShape } from './index-shape.ts'
import type { LargestGroup } from './largest-groups.ts'
import type { MisleadingMean } from './misleading.ts'

/** What is wrong with what the planner knows, with a stable code. */
export interface StatisticsProblem {
  readonly code: 'missing' | 'empty' | 'no-row' | 'no-index' | 'stale' | 'misleading'
  readonly table: string | null
  readonly index: string | null
  readonly message: string
}

/**
 * A table that holds this many times the rows that the planner believes, or a part as small, is stale. The engine works
 * with logarithms: smaller differences seldom change a plan.
 */
const staleFactor = 2

/** What is wrong, most important first: nothing known, then what misleads, is stale, has no row, or no index. */
export function statisticsProblems(assessment: Assessment): readonly StatisticsProblem[] {
  const { state, tables, orphans } = assessment
  if (state !== 'present') {
    const what = state === 'missing' ? 'there is no sqlite_stat1' : 'sqlite_stat1 has no rows'
    const message = `${what}: the planner has only its defaults, and takes every index for about as good as another`
    return [{ code: state, table: null, index: null, message }]
  }
  return [
    ...tables.flatMap(({ indexes }) => indexes.flatMap(misleadingProblems)),
    ...tables.flatMap(staleProblems),
    ...tables.flatMap(({ indexes }) => indexes.flatMap(rowProblems)),
    ...orphans.map(({ table, index }): StatisticsProblem => {
      const what = index === null ? `table ${table}` : `index ${index} of ${table}`
      return { code: 'no-index', table, index, message: `${what}: has a row but is not there` }
    }),
  ]
}

const misleadingProblems = ({ shape, entries, misleading }: AssessedIndex): readonly StatisticsProblem[] =>
  misleading.slice(0, 1).map((mean) => ({
    code: 'misleading',
    table: shape.table,
    index: shape.name,
    message: `${shape.name}: ${meanText(shape, mean, entries ?? 0)}`,
  }))

function meanText(shape: IndexShape, { statedRows, group }: MisleadingMean, entries: number): string {
  const condition = groupCondition(shape, group)
  const about = group.sampledRows === null ? '' : 'about '
  const basis = group.sampledRows === null ? '' : ` (sample of ${formatInteger(group.sampledRows)} rows)`
  return `${formatInteger(statedRows)} rows per key are stated, but ${condition} holds ${about}${formatInteger(group.rows)} of ${formatInteger(entries)}${basis}`
}

/** What the entries of a group share, such as `deleted_at IS NULL`. */
export const groupCondition = (shape: IndexShape, { values }: Pick<LargestGroup, 'values'>): string =>
  values.map((value, index) => `${shape.keys[index]?.label ?? '?'} ${isValue(value)}`).join(' AND ')

/** Such as `IS NULL` or `= 'draft'`; bytes as hex. */
function isValue(value: SqlValue): string {
  if (value === null) return 'IS NULL'
  if (typeof value === 'string') return `= '${value.replaceAll("'", "''")}'`
  if (value instanceof Uint8Array) return `= x'${Buffer.from(value).toString('hex')}'`
  return `= ${String(value)}`
}

function staleProblems({ name, statedRows, rows }: AssessedTable): readonly StatisticsProblem[] {
  if (statedRows === undefined || rows === undefined) return []
  const factor = (Math.max(rows, statedRows) + 1) / (Math.min(rows, statedRows) + 1)
  if (factor < staleFactor) return []
  const message = `table ${name}: ${formatInteger(statedRows)} rows are stated, it has ${formatInteger(rows)}`
  return [{ code: 'stale', table: name, index: null, message }]
}

/** ANALYZE leaves out what is empty, so an index without entries lacks nothing. */
function rowProblems({ shape, row, entries }: AssessedIndex): readonly StatisticsProblem[] {
  if (row !== undefined || entries === 0) return []
  const why = entries === undefined ? 'it was made after ANALYZE, or is empty' : 'it was made after ANALYZE'
  const message = `${shape.name}: has no row: ${why}; the planner takes it for an average index`
  return [{ code: 'no-row', table: shape.table, index: shape.name, message }]
}
