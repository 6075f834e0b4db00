import type { TableName } from '../scale.ts'

/** How a column's values are stored: `text`, whole numbers, or real numbers. NULL is allowed in all. */
export type ColumnKind = 'text' | 'integer' | 'real'

export interface SeededColumn {
  readonly name: string
  readonly kind: ColumnKind
}

const text = (...names: readonly string[]): readonly SeededColumn[] =>
  names.map((name) => ({ name, kind: 'text' }))
const integer = (...names: readonly string[]): readonly SeededColumn[] =>
  names.map((name) => ({ name, kind: 'integer' }))
const real = (...names: readonly string[]): readonly SeededColumn[] =>
  names.map((name) => ({ name, kind: 'real' }))

/** The columns that the generator fills, in the order of the initial schema. */
export const tableColumns: Readonly<Record<TableName, readonly SeededColumn[]>> = {
  prompt_templates: [
    ...text('id', 'name', 'description', 'template', 'variables', 'category'),
    ...integer('usage_count'),
    ...text('created_at', 'updated_at'),
  ],
  prompts: [
    ...text('id', 'title', 'description', 'content', 'system_message', 'tags', 'meta_data'),
    ...integer('version'),
    ...text('parent_id', 'user_id', 'status', 'created_at', 'updated_at', 'deleted_at'),
  ],
  evaluations: [
    ...text('id', 'prompt_id', 'test_suite_id', 'status'),
    ...real('overall_score'),
    ...text('metrics'),
    ...integer('execution_time_ms'),
    ...text('provider', 'model', 'error_message', 'created_at', 'updated_at'),
  ],
  test_results: [
    ...text('id', 'evaluation_id', 'test_case_name', 'input_data', 'expected_output', 'actual_output'),
    ...real('score'),
    ...integer('passed', 'latency_ms', 'token_count'),
    ...real('cost_usd'),
    ...text('created_at', 'updated_at'),
  ],
}
