import { errorText } from '../../../core/error-text.ts'
import { TargetError } from '../../../core/errors.ts'
import type { AnswerOrder } from '../../../measure/answer.ts'
import { answerDifference, sqlLiteral, type AnswerDifference } from '../../../measure/engine-answer.ts'
import { smallerStatements, type BoundQuery } from '../../../schema/sql/smaller-statements.ts'
import { bindable } from '../../../target/bindable.ts'
import type { Connection, Row, Rows, SqlValue } from '../../../target/connection.ts'

/** An engine answers otherwise than libSQL does on the same file, or refuses what libSQL answers. */
export interface EngineDifference {
  readonly kind: AnswerDifference['kind'] | 'refused'
  /** The engine's words where it refuses; null where it answers. */
  readonly refusal: string | null
  /** The smallest statement found that shows it, and its arguments as SQL writes them. */
  readonly sql: string
  readonly args: readonly string[]
  /** The first row that differs, as SQL writes its values; null where there is none. */
  readonly expected: string | null
  readonly found: string | null
}

type Asked = Pick<Connection, 'query' | 'queryExact'>
type Query = BoundQuery<SqlValue>

/** A read as it is compared. */
export interface ComparedRead {
  readonly sql: string
  readonly args: readonly Row[]
  readonly order: AnswerOrder
}

/** More would take long where libSQL's answer is slow. */
const mostTries = 60

/**
 * Asks two engines a read with all its arguments, until they differ; then takes parts of the statement away for as long as
 * they still do.
 * @param reference libSQL; what it refuses is thrown
 * @returns undefined where every answer is the same
 */
export async function engineDifference(
  reference: Asked,
  engine: Asked,
  { sql, args, order }: ComparedRead,
): Promise<EngineDifference | undefined> {
  for (const tuple of args) {
    const query = { sql, args: tuple }
    const first = await differenceOf(reference, engine, query, order)
    if (first === undefined) continue
    const smallest = await smallestOf(reference, engine, { query, difference: first }, order)
    return describe(smallest)
  }
  return undefined
}

interface Differing {
  readonly query: Query
  readonly difference: AnswerDifference | { readonly kind: 'refused'; readonly refusal: string }
}

async function differenceOf(
  reference: Asked,
  engine: Asked,
  query: Query,
  order: AnswerOrder,
): Promise<Differing['difference'] | undefined> {
  // Both alike: 1 as a number and as a bigint would differ.
  const isExact = reference.queryExact !== undefined && engine.queryExact !== undefined
  const expected = await ask(reference, query, isExact)
  try {
    return answerDifference(expected, await ask(engine, query, isExact), order)
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal === undefined) throw error
    return { kind: 'refused', refusal }
  }
}

const ask = (engine: Asked, { sql, args }: Query, isExact: boolean): Promise<Rows> =>
  (isExact ? engine.queryExact?.(sql, args) : undefined) ?? engine.query(sql, args)

/** Why an engine did not take a statement, in its words and without the path of our copy; undefined for what is no fault of the statement. */
export const refusalOf = (error: unknown): string | undefined =>
  error instanceof TargetError && (error.code === 'TARGET_SQL' || error.code === 'TARGET_FAILED')
    ? errorText(error.cause ?? error)
    : undefined

async function smallestOf(
  reference: Asked,
  engine: Asked,
  start: Differing,
  order: AnswerOrder,
): Promise<Differing> {
  let smallest = start
  let tries = 0
  for (let found: Differing | undefined = start; found !== undefined;) {
    smallest = found
    found = undefined
    for (const query of smallerStatements(smallest.query)) {
      if (tries++ >= mostTries) return smallest
      const difference = await stillDiffers(reference, engine, query, smallest.difference, order)
      if (difference === undefined) continue
      found = { query, difference }
      break
    }
  }
  return smallest
}

async function stillDiffers(
  reference: Asked,
  engine: Asked,
  query: Query,
  before: Differing['difference'],
  order: AnswerOrder,
): Promise<Differing['difference'] | undefined> {
  // Not valid any more, or nothing that both can be asked.
  const found = await differenceOf(reference, engine, query, orderOf(query.sql, order)).catch(() => undefined)
  return found !== undefined && (found.kind === 'refused') === (before.kind === 'refused') ? found : undefined
}

/** Without ORDER BY the rows are a set, and without LIMIT no page is full. */
const orderOf = (sql: string, { orderedBy, pageSize }: AnswerOrder): AnswerOrder => ({
  pageSize: /\blimit\b/i.test(sql) ? pageSize : Infinity,
  ...(orderedBy === undefined || !/\border\s+by\b/i.test(sql) ? {} : { orderedBy }),
})

function describe({ query, difference }: Differing): EngineDifference {
  const rowText = (row: Row | null): string | null => (row === null ? null : row.map(sqlLiteral).join(', '))
  const shown = { sql: query.sql, args: bindable(query.args).map(sqlLiteral) }
  return difference.kind === 'refused'
    ? { ...shown, kind: 'refused', refusal: difference.refusal, expected: null, found: null }
    : {
        ...shown,
        kind: difference.kind,
        refusal: null,
        expected: rowText(difference.expected),
        found: rowText(difference.found),
      }
}
