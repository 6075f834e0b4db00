import { createHash } from 'node:crypto'
import type { Connection } from '../../target/connection.ts'
import { tableRows } from '../row-digest.ts'
import { readSchemaObjects } from '../schema-objects.ts'

type Reader = Pick<Connection, 'query'>

/** What of the rows of two databases is the same. */
export interface RowComparison {
  /** Rows that were compared, all tables together. */
  readonly rows: number
  /** Differences, a phrase each; empty where nothing is lost. */
  readonly problems: readonly string[]
}

/**
 * Compares the rows of a database before and after a migration, in the columns that both have: their number and their
 * values in any order (ids decoded where text became BLOB(16)). Columns and tables that are new are left out.
 */
export async function compareRows(before: Reader, after: Reader): Promise<RowComparison> {
  const [old, fresh] = [await tableNames(before), new Set(await tableNames(after))]
  const problems: string[] = []
  let rows = 0
  for (const table of old) {
    if (!fresh.has(table)) {
      problems.push(`table ${table} would be gone with its rows`)
      continue
    }
    const columns = await commonColumns(before, after, table)
    const [first, second] = [await sumOf(before, table, columns), await sumOf(after, table, columns)]
    rows += first.rows
    if (first.rows !== second.rows)
      problems.push(`${table} would have ${second.rows} rows, not ${first.rows}`)
    else if (first.sum !== second.sum)
      problems.push(`rows of ${table} would change in columns that stay (${[...columns].join(', ')})`)
  }
  return { rows, problems }
}

/** What the engine finds wrong with a database. */
export async function engineProblems(
  reader: Reader,
  foreignKeys: 'checked' | 'unchecked' = 'checked',
): Promise<readonly string[]> {
  const orphans =
    foreignKeys === 'unchecked'
      ? 0
      : Number((await reader.query('SELECT count(*) FROM pragma_foreign_key_check')).rows[0]?.[0])
  const integrity = String((await reader.query('PRAGMA integrity_check')).rows[0]?.[0])
  return [
    ...(orphans === 0 ? [] : [`${orphans} rows would refer to nothing`]),
    ...(integrity === 'ok' ? [] : [`integrity_check: ${integrity}`]),
  ]
}

const tableNames = async (reader: Reader): Promise<readonly string[]> =>
  (await readSchemaObjects(reader)).filter(({ kind }) => kind === 'table').map(({ name }) => name)

async function commonColumns(before: Reader, after: Reader, table: string): Promise<ReadonlySet<string>> {
  const of = async (reader: Reader): Promise<readonly string[]> =>
    (await reader.query('SELECT lower(name) FROM pragma_table_info(?)', [table])).rows.map(([name]) =>
      String(name),
    )
  const there = new Set(await of(after))
  return new Set((await of(before)).filter((name) => there.has(name)))
}

/** The sum of the SHA-256 of all rows, modulo 2^256: equal for the same rows in any order. */
async function sumOf(
  reader: Reader,
  table: string,
  columns: ReadonlySet<string>,
): Promise<{ readonly rows: number; readonly sum: bigint }> {
  let [rows, sum] = [0, 0n]
  if (columns.size === 0) {
    return { rows: 0, sum }
  }
  for await (const row of tableRows(reader, table, { ids: 'decoded', rowids: false, columns })) {
    sum += BigInt(`0x${createHash('sha256').update(row).digest('hex')}`)
    rows += 1
  }
  return { rows, sum: BigInt.asUintN(256, sum) }
}
