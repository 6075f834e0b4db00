import { UsageError } from '../../../core/errors.ts'
import { recordTable } from '../../../schema/migration-record.ts'
import type { Connection } from '../../../target/connection.ts'
import { quoteIdentifier } from '../../../target/quote-identifier.ts'
import type { SeedPlan } from '../plan.ts'
import { tableNames, type RowCounts } from '../scale.ts'
import { parseSeedRecord, seedTable, selectSeedRecord, type SeedRecord } from '../seed-record.ts'

/** The table that says which rows a seed under way puts in; it is there from the first table to the last check. */
export const orderTable = 'forgebench_seeding'

/** Everything that decides the rows of a seed. */
export interface SeedOrder extends SeedPlan {
  readonly generatorVersion: number
  /** Of the migration that makes the tables. */
  readonly schemaChecksum: string
}

/** What a server's database is to a seed. */
export type ServerState =
  | { readonly kind: 'empty' }
  /** The tables of `migrate up`, without rows. */
  | { readonly kind: 'prepared' }
  /** A seed of the same order that did not end. */
  | { readonly kind: 'interrupted' }
  /** To be replaced, as was asked for; `tables` are all ours, those that refer to others first. */
  | { readonly kind: 'replaced'; readonly tables: readonly string[] }

type Reader = Pick<Connection, 'query'>

const ownTables = [seedTable, orderTable, recordTable]

/**
 * Looks at what is in a server's database before anything is written.
 * @param url for messages
 * @throws UsageError for tables of another schema, for rows without `replace`, and for a seed of another order
 */
export async function readServerState(
  reader: Reader,
  url: string,
  order: SeedOrder,
  replace: boolean,
): Promise<ServerState> {
  const { rows } = await reader.query(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
     AND name NOT LIKE '\\_litestream\\_%' ESCAPE '\\' AND name <> 'libsql_wasm_func_table'`,
  )
  const names = rows.map(([name]) => String(name))
  if (names.length === 0) return { kind: 'empty' }
  const other = names.find((name) => ![...ownTables, ...tableNames].includes(name as never))
  const ours = [recordTable, orderTable].some((table) => names.includes(table))
  if (other !== undefined || !ours) {
    throw new UsageError(
      'SEED_OTHER_SCHEMA',
      `${url} holds tables of another schema (such as ${other ?? names[0]}); name an empty database, or one made by forgebench migrate up`,
    )
  }
  await refuseMigrated(reader, url, names)
  if (replace) {
    const tables = [...ownTables, ...tableNames.toReversed()].filter((name) => names.includes(name))
    return { kind: 'replaced', tables }
  }
  if (names.includes(orderTable)) {
    await refuseOtherOrder(reader, url, order)
    return { kind: 'interrupted' }
  }
  await refuseRows(reader, url, names)
  return { kind: 'prepared' }
}

/** Rows go in as `initial` has them: a later migration may have changed the columns. */
async function refuseMigrated(reader: Reader, url: string, names: readonly string[]): Promise<void> {
  if (!names.includes(recordTable)) return
  const { rows } = await reader.query(`SELECT id FROM ${recordTable} WHERE id <> 'initial' ORDER BY position`)
  const last = rows.at(-1)?.[0]
  if (last === undefined) return
  throw new UsageError(
    'SEED_MIGRATED',
    `${url} has migration ${String(last)}; first run forgebench migrate down, and migrate up again when it is seeded`,
  )
}

async function refuseOtherOrder(reader: Reader, url: string, order: SeedOrder): Promise<void> {
  const { rows } = await reader.query(
    `SELECT seed, scale, ids, generator_version, schema_checksum FROM ${orderTable}`,
  )
  const [seed, scale, ids, generatorVersion, schemaChecksum] = rows[0] ?? []
  const found = { seed, scale, ids, generatorVersion, schemaChecksum }
  const same = (Object.keys(found) as (keyof SeedOrder)[]).every((name) => found[name] === order[name])
  if (same) return
  const version =
    generatorVersion === order.generatorVersion && schemaChecksum === order.schemaChecksum
      ? 'give the same to go on'
      : 'by another version of forgebench: go on with that one'
  throw new UsageError(
    'SEED_INTERRUPTED',
    `${url} holds a seed that did not end (scale ${String(scale)}, seed ${String(seed)}, ids ${String(ids)}); ${version}, or add --replace`,
  )
}

async function refuseRows(reader: Reader, url: string, names: readonly string[]): Promise<void> {
  const filled: string[] = []
  for (const name of names.filter((name) => name !== recordTable)) {
    const { rows } = await reader.query(`SELECT 1 FROM ${quoteIdentifier(name)} LIMIT 1`)
    if (rows.length > 0 && name !== seedTable) filled.push(name)
  }
  if (filled.length === 0) return
  throw new UsageError(
    'SEED_HAS_ROWS',
    `${url} already has rows in ${filled.join(', ')}; name another database, or add --replace`,
  )
}

/**
 * How many rows of each table have landed: their numbers are given, without gaps, and a statement is a transaction. So it is
 * not counted in a record that could say something else than the tables do.
 */
export async function landedRows(reader: Reader): Promise<RowCounts> {
  const last = tableNames.map((table) => `coalesce((SELECT max(rowid) FROM ${table}), 0)`)
  const { rows } = await reader.query(`SELECT ${last.join(', ')}`)
  return Object.fromEntries(tableNames.map((table, at) => [table, Number(rows[0]?.[at])])) as RowCounts
}

/** The record of a finished seed; undefined where there is none. */
export async function readServerRecord(reader: Reader): Promise<SeedRecord | undefined> {
  const there = await reader.query(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`, [
    seedTable,
  ])
  if (there.rows.length === 0) return undefined
  try {
    return parseSeedRecord((await reader.query(selectSeedRecord)).rows)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
