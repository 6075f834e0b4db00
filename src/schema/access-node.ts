/** One step of a query plan: what the engine touches, by which way, in which order. */
export type AccessNode = TableNode | SortNode | SubqueryNode | ProbeNode | OtherNode

/** Rows of one table (or subquery) by searching or by reading all of it. */
export interface TableNode {
  readonly kind: 'search' | 'scan'
  /** Name or alias as the query says; `(subquery)` for one without. */
  readonly table: string
  /** Index by name; `PRIMARY KEY` or `INTEGER PRIMARY KEY` for the table's own order. */
  readonly index?: string
  /** An index that the engine builds for this one query. */
  readonly automatic: boolean
  /** The index alone answers: no row of the table is read. */
  readonly covering: boolean
  /** The automatic index holds a part of the rows only. A created partial index is known by its SQL alone. */
  readonly partial: boolean
  /** Constraints that the search uses, such as `customer=` or `created_at>`; `ANY(a)` is a skip-scan. */
  readonly columns: readonly string[]
  readonly leftJoin: boolean
}

/** Rows are put into a temporary B-tree, because no index gives them in that order. */
interface SortNode {
  readonly kind: 'sort'
  readonly for: 'ORDER BY' | 'GROUP BY' | 'DISTINCT' | 'count(DISTINCT)'
  /** The order is given in part, and only the rest of its terms is sorted. */
  readonly rightPartOnly: boolean
}

interface SubqueryNode {
  readonly kind: 'subquery' | 'list-subquery' | 'co-routine' | 'materialize' | 'compound' | 'multi-index-or'
  /** The name of a view or common table expression, the words of a compound; empty where there is none. */
  readonly name: string
  readonly correlated: boolean
  readonly reused: boolean
}

interface ProbeNode {
  readonly kind: 'bloom-filter' | 'in-operator'
  readonly table: string
  readonly columns: readonly string[]
}

/** A line that this version does not know. */
interface OtherNode {
  readonly kind: 'other'
  readonly text: string
}

type Rule = readonly [
  pattern: RegExp,
  read: (found: Readonly<Record<string, string | undefined>>) => AccessNode,
]

const constraint = String.raw`(?: \((?<columns>.*)\))?`

/** The lines that SQLite 3.45 prints, see wherecode.c, select.c and expr.c (`ExplainQueryPlan`). */
const rules: readonly Rule[] = [
  [/^(?:SCAN (?:CONSTANT ROW|\d+ CONSTANT ROWS))$/, () => ({ kind: 'other', text: 'SCAN CONSTANT ROW' })],
  [
    new RegExp(
      String.raw`^(?<verb>SEARCH|SCAN) (?<table>.+?)(?: USING (?:(?<key>(?:INTEGER )?PRIMARY KEY)|(?<automatic>AUTOMATIC )?(?<partial>PARTIAL )?(?<covering>COVERING )?INDEX(?: (?<index>.+?))?)| VIRTUAL TABLE INDEX (?<virtual>.*?))?${constraint}(?<left> LEFT-JOIN)?$`,
    ),
    ({ verb, table, key, automatic, partial, covering, index, virtual, columns, left }) => ({
      kind: verb === 'SEARCH' ? 'search' : 'scan',
      table: tableName(table),
      ...indexName(key ?? index, virtual),
      automatic: automatic !== undefined,
      covering: covering !== undefined,
      partial: partial !== undefined,
      columns: constraints(columns),
      leftJoin: left !== undefined,
    }),
  ],
  [
    /^USE (?:TEMP B-TREE|SORTER) FOR (?<part>(?:RIGHT PART|LAST TERM|LAST \d+ TERMS) OF )?(?<what>ORDER BY|GROUP BY|DISTINCT|count\(DISTINCT\))$/,
    ({ part, what }) => ({ kind: 'sort', for: what as SortNode['for'], rightPartOnly: part !== undefined }),
  ],
  [
    /^(?<reused>REUSE )?(?<correlated>CORRELATED )?(?<list>LIST |SCALAR )?SUBQUERY \d+$/,
    ({ reused, correlated, list }) =>
      subquery(list === 'LIST ' ? 'list-subquery' : 'subquery', '', correlated, reused),
  ],
  [
    /^(?<verb>CO-ROUTINE|MATERIALIZE) (?<name>.+)$/,
    ({ verb, name }) => subquery(verb === 'CO-ROUTINE' ? 'co-routine' : 'materialize', tableName(name)),
  ],
  [
    /^(?<name>COMPOUND QUERY|LEFT-MOST SUBQUERY|MERGE \(.+\)|(?:UNION ALL|UNION|INTERSECT|EXCEPT)(?: USING TEMP B-TREE)?|LEFT|RIGHT|SETUP|RECURSIVE STEP)$/,
    ({ name }) => subquery('compound', name),
  ],
  [/^MULTI-INDEX OR$/, () => subquery('multi-index-or')],
  [/^INDEX \d+$/, () => subquery('multi-index-or', 'branch')],
  [
    new RegExp(`^BLOOM FILTER ON (?<table>.+?)${constraint}$`),
    ({ table, columns }) => ({
      kind: 'bloom-filter',
      table: tableName(table),
      columns: constraints(columns),
    }),
  ],
  [
    /^USING (?:ROWID SEARCH ON TABLE|INDEX) (?<table>.+) FOR IN-OPERATOR$/,
    ({ table }) => ({ kind: 'in-operator', table: tableName(table), columns: [] }),
  ],
]

/** Reads the text of one line of EXPLAIN QUERY PLAN. Never throws: what it does not know is kept as text. */
export function readAccessNode(detail: string): AccessNode {
  for (const [pattern, read] of rules) {
    const found = pattern.exec(detail)
    if (found !== null) return read(found.groups ?? {})
  }
  return { kind: 'other', text: detail }
}

/** Subqueries are numbered as the parser meets them; the number says nothing of the plan. */
const tableName = (text = ''): string => text.replace(/^\((subquery|join)-\d+\)$/, '($1)')

const indexName = (name?: string, virtual?: string): { index?: string } => {
  if (name !== undefined) return { index: name }
  return virtual === undefined ? {} : { index: `VIRTUAL ${virtual}` }
}

/** `customer=? AND placed>?` as `['customer=', 'placed>']`. */
const constraints = (text?: string): readonly string[] =>
  text === undefined ? [] : text.split(' AND ').map((term) => term.replace(/([=<>])\?$/, '$1'))

const subquery = (
  kind: SubqueryNode['kind'],
  name = '',
  correlated?: string,
  reused?: string,
): SubqueryNode => ({ kind, name, correlated: correlated !== undefined, reused: reused !== undefined })
