import type { ExplainRow, Row, SqlValue } from './connection.ts'
import { bindable } from './bindable.ts'
import { NativeConnection } from './native.ts'

/**
 * EXPLAIN QUERY PLAN of `sql` with the same bound arguments as it will run with (an unbound plan can differ:
 * partial indexes, LIKE). It uses a connection of its own and steps the statement again to reset it, because the
 * driver never resets EXPLAIN and the connection would keep its read snapshot (libsql-js issue 232).
 */
export function explainQueryPlan(path: string, sql: string, args: Row): readonly ExplainRow[] {
  const connection = new NativeConnection(path, { readOnly: true })
  try {
    return explainOn(connection, sql, args)
  } finally {
    connection.close()
  }
}

function explainOn(connection: NativeConnection, sql: string, args: Row): readonly ExplainRow[] {
  const statement = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`)
  const bound = bindable(args)
  // Binding values re-prepares a statement only at its second step with statistics-dependent plans:
  // the first pass lets the planner see the values, the second is what will really run.
  statement.all(bound)
  const rows = statement.all(bound)
  statement.get(bound)
  return rows.map(explainRow)
}

/** A row of EXPLAIN QUERY PLAN as ours. */
export const explainRow = ([id, parent, , detail]: readonly SqlValue[]): ExplainRow => ({
  id: Number(id),
  parent: Number(parent),
  detail: String(detail),
})

/** A synchronous driver with an engine of its own, which plans itself. */
export class ExplainingConnection extends NativeConnection {
  async explain(sql: string, args: Row): Promise<readonly ExplainRow[]> {
    return explainOn(this, sql, args)
  }
}
