import type { Connection } from '../target/connection.ts'
import { sqlTokens } from './sql/sql-tokens.ts'

/** An index of the schema under test, as its CREATE INDEX says. */
export interface SchemaIndex {
  readonly name: string
  readonly table: string
  /** Key columns and expressions in order, as written, with `DESC` or `COLLATE` where stated. */
  readonly columns: readonly string[]
  readonly unique: boolean
  /** The WHERE of a partial index, without the word. */
  readonly predicate: string | undefined
  /** The whole CREATE INDEX, fit to build it again. */
  readonly sql: string
}

/** Every index that somebody created, by name; those behind PRIMARY KEY and UNIQUE have no SQL and are left out. */
export async function listIndexes(connection: Connection): Promise<readonly SchemaIndex[]> {
  const { rows } = await connection.query(
    `SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name`,
  )
  return rows.map(([name, table, sql]) => ({
    name: String(name),
    table: String(table),
    ...readIndexSql(String(sql)),
    sql: String(sql),
  }))
}

/** Columns and predicate of a CREATE INDEX statement. Never throws: what is no index has no columns. */
export function readIndexSql(sql: string): Pick<SchemaIndex, 'columns' | 'unique' | 'predicate'> {
  const tokens = sqlTokens(sql)
  const columns: string[] = []
  let depth = 0
  let column = ''
  let predicate: string | undefined
  const finish = (): void => {
    columns.push(column.trim())
    column = ''
  }
  for (const { kind, text } of tokens) {
    if (predicate !== undefined) predicate += text
    else if (depth === 0 && kind === 'word' && text.toUpperCase() === 'WHERE') predicate = ''
    else if (text === '(' && ++depth === 1) continue
    else if (text === ')' && --depth === 0) finish()
    else if (depth === 1 && text === ',') finish()
    else if (depth > 0) column += kind === 'space' ? ' ' : text
  }
  const unique = /^\s*create\s+unique\b/i.test(sql)
  return { columns, unique, predicate: predicate?.trim() }
}
