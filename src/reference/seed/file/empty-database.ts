import { UsageError } from '../../../core/errors.ts'
import type { Migration } from '../../../schema/migration.ts'
import { leadingWords } from '../../../schema/sql/statements.ts'
import { NativeConnection } from '../../../target/native.ts'
import { tableNames, type TableName } from '../scale.ts'
import { tableColumns } from './table-columns.ts'

/**
 * Nobody else sees the file while it is built, and a crash leaves nothing that counts: no journal, no syncs. Each
 * sorting thread may hold as much as the cache in memory, and the rest goes to files: memory stays the same.
 */
export const buildPragmas = [
  'PRAGMA journal_mode = OFF',
  'PRAGMA synchronous = OFF',
  'PRAGMA locking_mode = EXCLUSIVE',
  'PRAGMA foreign_keys = OFF',
  'PRAGMA cache_size = -16384',
  'PRAGMA temp_store = FILE',
  'PRAGMA threads = 2',
].join('; ')

/**
 * Closes a connection that built. The driver keeps it half open while statements await collection, and with it
 * the exclusive lock: so the lock is given up first, which takes effect with the next read.
 */
export function closeBuilt(connection: NativeConnection): void {
  try {
    connection.scriptSync('PRAGMA locking_mode = NORMAL; SELECT 1 FROM sqlite_schema LIMIT 1;')
  } catch {
    // Reading fails only after the build has failed; that error is the one to report.
  } finally {
    connection.close()
  }
}

/** A migration's statements in two parts: tables, which must be there first, and indexes, which load faster last. */
export function splitIndexes(migration: Migration): {
  readonly tables: readonly string[]
  readonly indexes: readonly string[]
} {
  const isIndex = (statement: string): boolean => leadingWords(statement, 3).join(' ').includes('INDEX')
  const statements = Array.from(migration.up.statements, ({ text }) => text)
  return {
    tables: statements.filter((statement) => !isIndex(statement)),
    indexes: statements.filter(isIndex),
  }
}

/**
 * Makes a database with the empty tables of the initial migration. Returns the root page of every table.
 * @throws UsageError SEED_SCHEMA when the tables are not those that the generator fills
 */
export function createEmptyDatabase(
  path: string,
  tables: readonly string[],
): Readonly<Record<TableName, number>> {
  const connection = new NativeConnection(path)
  try {
    connection.scriptSync(`PRAGMA page_size = 4096; ${buildPragmas}`)
    for (const statement of tables) connection.scriptSync(statement)
    const roots = tableNames.map((table) => {
      checkColumns(connection, table)
      const [row] = connection.querySync(
        `SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = ?`,
        [table],
      ).rows
      return [table, Number(row![0])] as const
    })
    return Object.fromEntries(roots) as Record<TableName, number>
  } finally {
    closeBuilt(connection)
  }
}

function checkColumns(connection: NativeConnection, table: TableName): void {
  const { rows } = connection.querySync(`SELECT name FROM pragma_table_info(?)`, [table])
  const there = rows.map(([name]) => String(name)).join(', ')
  const expected = tableColumns[table].map(({ name }) => name).join(', ')
  if (there !== expected) {
    throw new UsageError(
      'SEED_SCHEMA',
      `the initial migration gives ${table} the columns (${there}); the generator fills (${expected})`,
    )
  }
}
