import { TargetError, UsageError } from '../../../core/errors.ts'
import { recordTable } from '../../../schema/migration-record.ts'
import { inspectFile, type Location } from '../../../target/location.ts'
import { NativeConnection } from '../../../target/native.ts'
import { refuseUnreadable } from '../../../target/refuse-unreadable.ts'
import { FileStore } from './file-store.ts'
import type { ApiStore } from './store.ts'

/** The tables and columns that the API reads and writes. */
const needed: Readonly<Record<string, string>> = {
  prompts:
    'id, title, description, content, system_message, tags, meta_data, version, parent_id, user_id, status, created_at, updated_at, deleted_at',
  evaluations:
    'id, prompt_id, test_suite_id, status, overall_score, metrics, execution_time_ms, provider, model, error_message, created_at, updated_at',
  test_results:
    'id, evaluation_id, test_case_name, input_data, expected_output, actual_output, score, passed, latency_ms, token_count, cost_usd, created_at, updated_at',
}

/**
 * Opens the database behind the API, and makes sure that it holds what the API needs.
 * @throws UsageError for a file that is none or lacks the schema; TargetError for a server that cannot be reached
 */
export async function openStore(location: Location, authToken: string | undefined): Promise<ApiStore> {
  const store = await connect(location, authToken)
  try {
    await checkSchema(store, location)
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

async function connect(location: Location, authToken: string | undefined): Promise<ApiStore> {
  if (location.kind === 'remote') {
    // Loaded when it is asked for: it brings a network stack that a file never uses.
    const { RemoteStore } = await import('./remote-store.ts')
    return new RemoteStore(location, authToken)
  }
  if ((await inspectFile(location.path, 'write')) === 'absent') {
    throw new UsageError(
      'TARGET_NOT_FOUND',
      `no database ${location.path}; make it with: forgebench seed --db file:${location.path}`,
    )
  }
  const connection = new NativeConnection(location.path, { readOnly: true })
  try {
    refuseUnreadable(connection, location.path)
  } finally {
    connection.close()
  }
  return new FileStore(location.path)
}

async function checkSchema(store: ApiStore, location: Location): Promise<void> {
  const name = location.kind === 'file' ? location.path : location.url
  for (const [table, columns] of Object.entries(needed)) {
    // Its texts stay unread: the driver would end the process at one that is not UTF-8.
    const sql = `SELECT typeof(id) FROM (SELECT ${columns} FROM ${table}) LIMIT 1`
    let row
    try {
      row = await store.readRow({ sql, args: [] })
    } catch (error) {
      if (!(error instanceof TargetError) || error.code !== 'TARGET_SQL') throw error
      const message = `${name} ${await otherSchema(store, table)}; ${schemaHint(location)}`
      throw new UsageError('API_SCHEMA', message, { cause: error })
    }
    if (row?.at(-1) === 'blob') {
      throw new UsageError(
        'API_IDS',
        `${name} has binary ids, which the API cannot serve; serve one with text ids`,
      )
    }
  }
}

async function otherSchema(store: ApiStore, missing: string): Promise<string> {
  const sql = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' LIMIT 1`
  const table = (await store.readRow({ sql, args: [] }))?.[0]
  const what = table === undefined ? 'no tables' : `another schema, such as table ${String(table)}`
  return `lacks the table ${missing} as the API needs it (it has ${what})`
}

/** Nothing that `migrate` or `seed` would refuse for a database of another schema. */
const schemaHint = (location: Location): string =>
  location.kind === 'file'
    ? 'run forgebench serve without --db, or serve a new file made with: forgebench seed --db file:reference.db'
    : 'start its server on a file made with: forgebench seed --db file:reference.db'

/** What the database says of its schema: migrations that are recorded, and whether ANALYZE has run. */
export async function schemaFacts(store: ApiStore): Promise<Readonly<Record<string, string>>> {
  const ask = async (sql: string): Promise<string | undefined> => {
    try {
      const value = (await store.readRow({ sql, args: [] }))?.[0]
      return typeof value === 'string' ? value : undefined
    } catch (error) {
      if (error instanceof TargetError && error.code === 'TARGET_SQL') return undefined
      throw error
    }
  }
  const migrations = `SELECT group_concat(id, ', ') FROM (SELECT id FROM ${recordTable} ORDER BY position)`
  return {
    schema: (await ask(migrations)) ?? 'unrecorded',
    statistics:
      (await ask(`SELECT 'analyzed' FROM sqlite_stat1 LIMIT 1`)) === undefined ? 'none' : 'analyzed',
  }
}
