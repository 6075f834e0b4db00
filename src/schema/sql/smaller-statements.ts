import { sqlTokens, type SqlToken } from './sql-tokens.ts'

/** A query with an argument for each `?`. */
export interface BoundQuery<Argument> {
  readonly sql: string
  readonly args: readonly Argument[]
}

/** Where a clause of the outermost SELECT begins, and where it ends. */
interface Clause {
  readonly keyword: string
  readonly start: number
  readonly end: number
}

const keywords = ['SELECT', 'FROM', 'WHERE', 'GROUP', 'HAVING', 'WINDOW', 'ORDER', 'LIMIT']

/**
 * The same query without one of its parts: LIMIT, ORDER BY (once no LIMIT depends on it), a condition of WHERE, a column.
 * Not every one is valid SQL or asks something sensible: whoever uses one asks the engine. Parts in subqueries stay.
 */
export function smallerStatements<Argument>(query: BoundQuery<Argument>): readonly BoundQuery<Argument>[] {
  const tokens = [...sqlTokens(query.sql.trimEnd().replace(/;$/, ''))]
  const depths = depthsOf(tokens)
  const clauses = clausesOf(tokens, depths)
  const clause = (keyword: string): Clause | undefined => clauses.find((each) => each.keyword === keyword)
  const [select, where, order, limit] = ['SELECT', 'WHERE', 'ORDER', 'LIMIT'].map(clause)
  const removed: (readonly [start: number, end: number])[] = []
  if (limit !== undefined) removed.push([limit.start, limit.end])
  else if (order !== undefined) removed.push([order.start, order.end])
  if (where !== undefined) removed.push(...itemsOf(tokens, depths, where, 'AND'))
  if (select !== undefined) {
    const columns = itemsOf(tokens, depths, select, ',')
    // A query without columns is none.
    if (columns.length > 1) removed.push(...columns)
  }
  return removed.map(([start, end]) => without(tokens, query.args, start, end))
}

function depthsOf(tokens: readonly SqlToken[]): readonly number[] {
  let depth = 0
  return tokens.map(({ text }) => {
    if (text === ')') depth -= 1
    const own = depth
    if (text === '(') depth += 1
    return own
  })
}

/** The clauses of the outermost SELECT; none of a compound one, whose halves must keep the same columns. */
function clausesOf(tokens: readonly SqlToken[], depths: readonly number[]): readonly Clause[] {
  const starts = tokens.flatMap(({ kind, text }, start) => {
    const keyword = text.toUpperCase()
    return kind === 'word' && depths[start] === 0 && [...keywords, ...compound].includes(keyword)
      ? [{ keyword, start }]
      : []
  })
  if (starts.some(({ keyword }) => compound.includes(keyword))) return []
  return starts.map((each, index) => ({ ...each, end: starts[index + 1]?.start ?? tokens.length }))
}

const compound = ['UNION', 'INTERSECT', 'EXCEPT']

/** The items of a clause, each with the separator that goes with it; the only item goes with its keyword. */
function itemsOf(
  tokens: readonly SqlToken[],
  depths: readonly number[],
  clause: Clause,
  separator: string,
): readonly (readonly [number, number])[] {
  const isDistinct = (token: SqlToken | undefined): boolean => /^(?:DISTINCT|ALL)$/i.test(token?.text ?? '')
  const after = tokens.findIndex((token, index) => index > clause.start && token.kind !== 'space')
  const first = isDistinct(tokens[after]) ? after + 1 : clause.start + 1
  const cuts: number[] = []
  let isBetween = false
  for (let index = first; index < clause.end; index++) {
    if (depths[index] !== 0) continue
    const word = tokens[index]?.text.toUpperCase()
    // Half of an alternative, or of a CASE, is another condition.
    if (separator === 'AND' && (word === 'OR' || word === 'CASE')) return [[clause.start, clause.end]]
    if (word === separator && !isBetween) cuts.push(index)
    if (word === 'BETWEEN') isBetween = true
    else if (word === 'AND') isBetween = false
  }
  if (cuts.length === 0) return [[clause.start, clause.end]]
  const ends = [...cuts, clause.end]
  return ends.map((end, item) => (item === 0 ? [first, end + 1] : [ends[item - 1] ?? first, end]))
}

function without<Argument>(
  tokens: readonly SqlToken[],
  args: readonly Argument[],
  start: number,
  end: number,
): BoundQuery<Argument> {
  const isArgument = ({ kind, text }: SqlToken): boolean => kind === 'code' && text === '?'
  const before = tokens.slice(0, start).filter(isArgument).length
  const gone = tokens.slice(start, end).filter(isArgument).length
  const text = [...tokens.slice(0, start), { kind: 'space', text: ' ' }, ...tokens.slice(end)]
  return {
    sql: text
      .map((token) => (token.kind === 'space' ? ' ' : token.text))
      .join('')
      .replace(/ +/g, ' ')
      .trim(),
    args: [...args.slice(0, before), ...args.slice(before + gone)],
  }
}
