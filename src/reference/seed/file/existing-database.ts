import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TargetError, UsageError } from '../../../core/errors.ts'
import { recordTable } from '../../../schema/migration-record.ts'
import { inspectFile } from '../../../target/location.ts'
import { NativeConnection } from '../../../target/native.ts'
import { quoteIdentifier } from '../../../target/quote-identifier.ts'
import { refuseUnreadable } from '../../../target/refuse-unreadable.ts'
import { readImmutable } from './immutable-file.ts'
import { seedTable } from '../seed-record.ts'
import { tableNames } from '../scale.ts'

/**
 * Moves what a -wal file holds into the database and makes sure that nobody else is using it.
 * Only whole scripts run here: a prepared statement would keep the connection half open after close().
 */
export async function settle(path: string): Promise<void> {
  const connection = new NativeConnection(path)
  try {
    connection.scriptSync('BEGIN IMMEDIATE; ROLLBACK; PRAGMA wal_checkpoint(TRUNCATE);')
  } finally {
    connection.close()
  }
  const left = await stat(`${path}-wal`).catch(() => undefined)
  if (left !== undefined && left.size > 0) {
    throw new TargetError('TARGET_BUSY', `${path} is in use by another process; stop it and seed again`)
  }
}

/**
 * Looks at what seeding would replace, and returns the ids of the migrations that are applied to it: they are
 * applied to the seeded database, too. Undefined when there is no database yet.
 * @throws UsageError for rows without `replace`, another schema, a folder, no rights; TargetError when locked
 */
export async function existingMigrations(
  path: string,
  replace: boolean,
): Promise<readonly string[] | undefined> {
  const found = await inspectFile(path, 'write')
  await access(dirname(path), constants.W_OK).catch(() => {
    throw new UsageError(
      'TARGET_READ_ONLY',
      `no permission to write in ${dirname(path)}; name another folder`,
    )
  })
  if (found !== 'database') return undefined
  await settle(path)
  return readImmutable(path, (connection) => {
    refuseUnreadable(connection, path)
    const names = connection
      .querySync(
        `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
      )
      .rows.map(([name]) => String(name))
    if (names.length === 0) return undefined
    const ours = names.includes(recordTable) && tableNames.every((table) => names.includes(table))
    if (!ours) {
      throw new UsageError(
        'SEED_OTHER_SCHEMA',
        `${path} holds tables of another schema (such as ${names[0]}); name a new file, or one made by forgebench migrate up`,
      )
    }
    const filled = names.filter(
      (name) => ![recordTable, seedTable].includes(name) && hasRows(connection, name),
    )
    if (filled.length > 0 && !replace) {
      throw new UsageError(
        'SEED_HAS_ROWS',
        `${path} already has rows in ${filled.join(', ')}; name another file, or add --replace`,
      )
    }
    return connection
      .querySync(`SELECT id FROM ${recordTable} ORDER BY position`)
      .rows.map(([id]) => String(id))
  })
}

const hasRows = (connection: NativeConnection, table: string): boolean =>
  connection.querySync(`SELECT 1 FROM ${quoteIdentifier(table)} LIMIT 1`).rows.length > 0
