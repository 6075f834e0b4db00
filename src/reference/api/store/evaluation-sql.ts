import type { SqlValue } from '../../../target/connection.ts'
import { ApiError } from '../api-error.ts'
import { placeOf } from '../cursor.ts'
import { exactJson } from '../exact-json.ts'
import { beyondSixtyFourBits } from '../input-error.ts'
import { keyColumns, newestFirst, sqlAfter, sqlJson, sqlObject, sqlPageOfPrompt } from './json-sql.ts'
import { remembered } from './remembered.ts'
import type { JsonForm, Statement } from './store.ts'

const listed = [
  'prompt_id',
  'test_suite_id',
  'status',
  'overall_score',
  'metrics',
  'execution_time_ms',
  'provider',
  'model',
  'error_message',
  'updated_at',
  ...keyColumns,
]

const resultColumns = [
  'id',
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
]

const listSql = remembered((form: JsonForm, hasCursor: boolean) => {
  const where = `prompt_id = ?${hasCursor ? ` AND ${sqlAfter('evaluations')}` : ''}`
  const places = `SELECT rowid AS place FROM evaluations WHERE ${where} ${newestFirst} LIMIT ?`
  const items = `SELECT ${sqlObject(listed)} AS item FROM (${places}) CROSS JOIN evaluations ON evaluations.rowid = place`
  return sqlPageOfPrompt(form, items)
})

/** A page of a prompt's evaluations, newest first; no row when the prompt is unknown or deleted. */
export function selectEvaluations(
  form: JsonForm,
  promptId: string,
  limit: number,
  cursor: string | undefined,
): Statement {
  const place = cursor === undefined ? [] : Object.values(placeOf(cursor))
  return { sql: listSql(form, cursor !== undefined), args: [promptId, ...place, BigInt(limit), promptId] }
}

const oneSql = remembered((form: JsonForm) => {
  const items = `SELECT ${sqlObject(resultColumns)} AS item FROM test_results WHERE evaluation_id = ? ORDER BY rowid`
  const results = `(SELECT coalesce(group_concat(item), '') FROM (${items}))`
  // Joined as text: JSON functions would fail where the parts put together nest deeper than they read.
  const whole = sqlObject(listed, `',"results":[', ${results}, ']'`)
  return `SELECT ${sqlJson(form, whole)} FROM evaluations WHERE id = ?`
})

/** One evaluation with its test results, in the order in which they were stored. */
export const selectEvaluation = (form: JsonForm, id: string): Statement => ({
  sql: oneSql(form),
  args: [id, id],
})

const scoreSql = remembered((form: JsonForm) => {
  const mean = '(SELECT AVG(score) FROM test_results WHERE evaluation_id = ? AND passed = TRUE)'
  return `SELECT ${sqlJson(form, `json_object('evaluation_id', id, 'mean_score', ${mean})`)} FROM evaluations WHERE id = ?`
})

/** Q3 of the review: the mean score of the results that passed; null where none did. */
export const selectScore = (form: JsonForm, id: string): Statement => ({
  sql: scoreSql(form),
  args: [id, id],
})

export interface NewTestResult {
  readonly test_case_name: string
  readonly input_data: unknown
  readonly expected_output?: string | null
  readonly actual_output?: string | null
  readonly score: number
  readonly passed: boolean
  readonly latency_ms: number
  readonly token_count?: number | null
  readonly cost_usd?: number | null
}

export interface NewEvaluation {
  readonly test_suite_id?: string | null
  readonly status?: string
  readonly overall_score?: number | null
  readonly metrics?: Readonly<Record<string, unknown>> | null
  readonly execution_time_ms?: number | null
  readonly provider?: string | null
  readonly model?: string | null
  readonly error_message?: string | null
  readonly results?: readonly NewTestResult[]
}

/** Binds nothing but numbers as they are: a score is REAL, even a whole one. */
const real = (value: number | null | undefined): SqlValue => value ?? null
const whole = (value: number | null | undefined): SqlValue =>
  value === undefined || value === null ? null : BigInt(value)

const evaluationInsert = `INSERT INTO evaluations (id, prompt_id, test_suite_id, status, overall_score, metrics, execution_time_ms, provider, model, error_message, created_at, updated_at)
SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM prompts WHERE id = ? AND deleted_at IS NULL`

/** Adds nothing when there is no such evaluation, so that a unit for an unknown prompt leaves nothing behind. */
const resultInsert = `INSERT INTO test_results (id, evaluation_id, test_case_name, input_data, expected_output, actual_output, score, passed, latency_ms, token_count, cost_usd, created_at, updated_at)
SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM evaluations WHERE id = ?`

/**
 * An evaluation and its test results: one unit, all of it or nothing. The first statement changes no row when the
 * prompt is unknown or deleted.
 */
export function insertEvaluation(
  promptId: string,
  id: string,
  evaluation: NewEvaluation,
  resultIds: readonly string[],
  now: string,
): readonly Statement[] {
  const { results = [] } = evaluation
  const head: SqlValue[] = [
    id,
    evaluation.test_suite_id ?? null,
    evaluation.status ?? 'completed',
    real(overallScore(evaluation)),
    evaluation.metrics ? exactJson(evaluation.metrics) : null,
    whole(evaluation.execution_time_ms),
    evaluation.provider ?? null,
    evaluation.model ?? null,
    evaluation.error_message ?? null,
    now,
    now,
    promptId,
  ]
  const rows = results.map((result, index) => ({
    sql: resultInsert,
    args: [
      resultIds[index] ?? null,
      result.test_case_name,
      inputJson(result.input_data, index),
      result.expected_output ?? null,
      result.actual_output ?? null,
      real(result.score),
      result.passed ? 1n : 0n,
      whole(result.latency_ms),
      whole(result.token_count),
      real(result.cost_usd),
      now,
      now,
      id,
    ],
  }))
  return [{ sql: evaluationInsert, args: head }, ...rows]
}

/**
 * SQLite keeps a number that stands alone in a column of JSON as a number of its own, in 64 bits.
 * @throws ApiError 400 for an integer that it would round
 */
function inputJson(input: unknown, index: number): string {
  if (typeof input === 'bigint' && BigInt.asIntN(64, input) !== input) {
    const where = `body.results.${index}.input_data`
    throw new ApiError(400, 'INVALID_BODY', `${where} ${beyondSixtyFourBits}`)
  }
  return exactJson(input)
}

/** As given, else the mean of the results, else none. */
export function overallScore({ overall_score: given, results = [] }: NewEvaluation): number | null {
  if (given !== undefined || results.length === 0) return given ?? null
  return results.reduce((sum, { score }) => sum + score, 0) / results.length
}
