/** Columns of the tables under test, in the order of their rows. */
export const promptColumns = [
  'id',
  'title',
  'description',
  'content',
  'system_message',
  'tags',
  'meta_data',
  'version',
  'parent_id',
  'user_id',
  'status',
  'created_at',
  'updated_at',
  'deleted_at',
] as const

export const evaluationColumns = [
  'id',
  'prompt_id',
  'test_suite_id',
  'status',
  'overall_score',
  'metrics',
  'execution_time_ms',
  'provider',
  'model',
  'error_message',
  'created_at',
  'updated_at',
] as const

export const testResultColumns = [
  'id',
  'evaluation_id',
  'test_case_name',
  'input_data',
  'expected_output',
  'actual_output',
  'score',
  'passed',
  'latency_ms',
  'token_count',
  'cost_usd',
  'created_at',
  'updated_at',
] as const

/** An INSERT of one row that names every column. */
export const insertInto = (table: string, columns: readonly string[]): string =>
  `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`

const dataEndsMs = Date.UTC(2025, 9, 1)

/** A moment after all seeded rows, a second later for each index: new rows come at the right end of created_at. */
export const momentAfterData = (index: number): string =>
  new Date(dataEndsMs + (index + 1) * 1000).toISOString().slice(0, 19).replace('T', ' ')
