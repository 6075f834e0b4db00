import { TargetError, UsageError } from '../core/errors.ts'
import { recordTable } from '../schema/migration-record.ts'
import { inspectFile, type Location } from '../target/location.ts'
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
  return new FileStore(location.path)
}

async function checkSchema(store: ApiStore, location: Location): Promise<void> {
  const name = location.kind === 'file' ? location.path : location.url
  for (const [table, columns] of Object.entries(needed)) {
    const sql = `SELECT ${columns}, typeof(id) FROM ${table} LIMIT 1`
    let row
    try {
      row = await store.readRow({ sql, args: [] })
    } catch (error) {
      if (!(error instanceof TargetError) || error.code !== 'TARGET_SQL') throw error
      throw new UsageError(
        'API_SCHEMA',
        `${name} lacks the table ${table} as the API needs it; make it with forgebench migrate up or forgebench seed`,
        { cause: error },
      )
    }
    if (row?.at(-1) === 'blob') {
      throw new UsageError(
        'API_IDS',
        `${name} has binary ids, which the API cannot serve; serve one with text ids`,
      )
    }
  }
}

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
    statistics: (await ask('SELECT tbl FROM sqlite_stat1 LIMIT 1')) === undefined ? 'none' : 'analyzed',
  }
}
