import type { Connection, Row } from '../target/connection.ts'
import type { Migration } from './migration.ts'

/** What a database says of itself: one migration that was applied to it. */
export interface AppliedMigration {
  readonly id: string
  readonly checksum: string
  /** UTC, as SQLite's CURRENT_TIMESTAMP writes it. */
  readonly appliedAt: string
}

/** The table that records what was applied; no part of the schema under test. */
export const recordTable = 'forgebench_migrations'

/** The migrations recorded in a database, first applied first; empty where nothing was ever recorded. */
export async function readRecord(
  connection: Pick<Connection, 'query'>,
): Promise<readonly AppliedMigration[]> {
  const tables = `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`
  if ((await connection.query(tables, [recordTable])).rows.length === 0) return []
  const recorded = `SELECT id, checksum, applied_at FROM ${recordTable} ORDER BY position`
  return (await connection.query(recorded)).rows.map(([id, checksum, appliedAt]) => ({
    id: String(id),
    checksum: String(checksum),
    appliedAt: String(appliedAt),
  }))
}

/** What makes the record's table where it is not there. */
export const createRecord = `CREATE TABLE IF NOT EXISTS ${recordTable} (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  checksum TEXT NOT NULL,
  applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
)`

/** What records a migration; a fixed `appliedAt` keeps files that are generated twice identical. */
export const insertRecord = (
  { id, checksum }: Migration,
  appliedAt?: string,
): { readonly sql: string; readonly args: Row } => ({
  sql: `INSERT INTO ${recordTable} (id, checksum, applied_at) VALUES (?, ?, coalesce(?, CURRENT_TIMESTAMP))`,
  args: [id, checksum, appliedAt ?? null],
})

/** Records a migration whose statements ran; call it in the same transaction. */
export async function recordMigration(
  connection: Connection,
  migration: Migration,
  appliedAt?: string,
): Promise<void> {
  await connection.script(createRecord)
  const { sql, args } = insertRecord(migration, appliedAt)
  await connection.execute(sql, args)
}

/** Forgets a migration that was taken down; the last one takes the table with it. Same transaction, too. */
export async function forgetMigration(connection: Connection, id: string): Promise<void> {
  await connection.execute(`DELETE FROM ${recordTable} WHERE id = ?`, [id])
  const left = await connection.query(`SELECT 1 FROM ${recordTable} LIMIT 1`)
  if (left.rows.length === 0) await connection.script(`DROP TABLE ${recordTable}`)
}
