import type { Connection } from '../target/connection.ts'
import { sqlTokens } from './sql/sql-tokens.ts'

/** A table, index, view or trigger as `sqlite_schema` lists it. */
export interface SchemaObject {
  readonly kind: 'table' | 'index' | 'view' | 'trigger'
  readonly name: string
  /** The table it belongs to; a table's own name. */
  readonly table: string
  /** Its CREATE statement in normal form, see `normaliseSql`. */
  readonly sql: string
}

/**
 * SQL with one spelling: no comments, one blank between tokens, words and quoted names in lower case, names
 * unquoted. SQLite itself changes blanks and quotes, as `ALTER TABLE … RENAME` does.
 */
function normaliseSql(sql: string): string {
  return [...sqlTokens(sql)]
    .filter((token) => token.kind !== 'space')
    .map((token) => {
      if (token.kind === 'identifier') return token.text.slice(1, -1).toLowerCase()
      return token.kind === 'word' ? token.text.toLowerCase() : token.text
    })
    .join(' ')
}

/** Every object of the schema under test by kind and name; SQLite's own and forgebench's records left out. */
export async function readSchemaObjects(
  connection: Pick<Connection, 'query'>,
): Promise<readonly SchemaObject[]> {
  const { rows } = await connection.query(
    `SELECT type, name, tbl_name, sql FROM sqlite_schema
     WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND tbl_name NOT LIKE 'forgebench\\_%' ESCAPE '\\'
     AND name NOT LIKE 'forgebench\\_%' ESCAPE '\\'
     ORDER BY type, name`,
  )
  return rows.map(([kind, name, table, sql]) => ({
    kind: String(kind) as SchemaObject['kind'],
    name: String(name),
    table: String(table),
    sql: normaliseSql(String(sql)),
  }))
}

/** How two schemas differ, a phrase for each object, such as `index idx_a is missing`; empty when they are alike. */
export function schemaDifferences(
  expected: readonly SchemaObject[],
  actual: readonly SchemaObject[],
): readonly string[] {
  const key = ({ kind, name }: SchemaObject): string => `${kind} ${name}`
  const found = new Map(actual.map((object) => [key(object), object]))
  const wanted = new Set(expected.map(key))
  return [
    ...expected.flatMap((object) => {
      const other = found.get(key(object))
      if (other === undefined) return [`${key(object)} is missing`]
      return other.sql === object.sql && other.table === object.table ? [] : [`${key(object)} is different`]
    }),
    ...actual
      .filter((object) => !wanted.has(key(object)))
      .map((object) => `${key(object)} should not be there`),
  ]
}
