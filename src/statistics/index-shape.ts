import { readIndexSql } from '../schema/indexes.ts'
import type { SqlValue } from '../target/connection.ts'
import { quoteIdentifier } from '../target/quote-identifier.ts'
import type { Asked } from './statistics-rows.ts'

/** An index as the planner counts it. */
export interface IndexShape {
  /** As `sqlite_stat1` and `dbstat` name it: the primary key of a WITHOUT ROWID table has the name of the table. */
  readonly name: string
  readonly table: string
  readonly keys: readonly IndexKey[]
  /** The WHERE of a partial index. */
  readonly predicate: string | undefined
}

export interface IndexKey {
  /** SQL to group by, with the collation of the index. */
  readonly sql: string
  /** The column or expression as somebody wrote it. */
  readonly label: string
}

/** A table with rows of its own. */
export interface TableShape {
  readonly name: string
  readonly withoutRowid: boolean
  readonly indexes: readonly IndexShape[]
}

/** One statement, for a server is asked over a network. */
const shapes = `
SELECT t.name, t.wr, l.name, l.origin, x.name, x.coll, s.sql
FROM pragma_table_list AS t
LEFT JOIN pragma_index_list(t.name) AS l
LEFT JOIN pragma_index_xinfo(l.name) AS x ON x.key = 1
LEFT JOIN sqlite_schema AS s ON s.type = 'index' AND s.name = l.name
WHERE t.schema = 'main' AND t.type IN ('table', 'shadow') AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
ORDER BY t.name, l.name, x.seqno`

/** Every table with its indexes, those behind PRIMARY KEY and UNIQUE among them. @throws TargetError */
export async function readTableShapes(database: Asked): Promise<readonly TableShape[]> {
  const { rows } = await database.query(shapes)
  const tables = new Map<string, { withoutRowid: boolean; indexes: Map<string, IndexShape> }>()
  for (const [table, wr, index, origin, column, collation, sql] of rows) {
    const name = String(table)
    const withoutRowid = Number(wr) === 1
    const known = tables.get(name) ?? { withoutRowid, indexes: new Map<string, IndexShape>() }
    tables.set(name, known)
    if (index === null || index === undefined) continue
    const indexName = withoutRowid && origin === 'pk' ? name : String(index)
    const read = typeof sql === 'string' ? readIndexSql(sql) : undefined
    const before = known.indexes.get(indexName)?.keys ?? []
    const key = keyOf(column, collation, read?.columns[before.length])
    known.indexes.set(indexName, {
      name: indexName,
      table: name,
      keys: [...before, key],
      predicate: read?.predicate,
    })
  }
  return [...tables].map(([name, { withoutRowid, indexes }]) => ({
    name,
    withoutRowid,
    indexes: [...indexes.values()],
  }))
}

function keyOf(
  column: SqlValue | undefined,
  collation: SqlValue | undefined,
  written: string | undefined,
): IndexKey {
  const collate = `COLLATE ${quoteIdentifier(String(collation ?? 'BINARY'))}`
  if (typeof column === 'string') return { sql: `${quoteIdentifier(column)} ${collate}`, label: column }
  const expression = (written ?? 'NULL').replace(/\s+(?:asc|desc)\s*$/i, '').trim()
  return { sql: `(${expression}\n) ${collate}`, label: expression }
}
