import { cursorPattern } from '../cursor.ts'

/** JSON Schemas of what clients send. Values are never coerced, and unknown fields are refused. */
const text = (minLength: number, maxLength: number) => ({ type: 'string', minLength, maxLength })
const whole = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }
const share = { type: 'number', minimum: 0, maximum: 1 }
const optional = (schema: object) => ({ ...schema, nullable: true })
const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
})

const promptStatus = { type: 'string', enum: ['draft', 'active', 'archived'] }

/** Query values are text: a number from 1 to 100. */
const limit = { type: 'string', pattern: '^(?:[1-9][0-9]?|100)$' }
const cursor = { ...text(1, 1_000), pattern: cursorPattern }

export const idParams = object({ id: text(1, 100) }, ['id'])
export const pageQuery = object({ limit, cursor })
export const promptListQuery = object({ limit, cursor, user_id: text(1, 255), status: promptStatus })
export const noQuery = object({})

// All texts of a prompt together fit into a body, even with every character as two escapes of six bytes.
const promptFields = {
  title: text(1, 255),
  description: optional(text(0, 10_000)),
  content: text(1, 50_000),
  system_message: optional(text(0, 20_000)),
  tags: optional({ type: 'array', maxItems: 50, items: text(1, 50) }),
  meta_data: optional({ type: 'object' }),
  status: promptStatus,
}

export const newPrompt = object({ ...promptFields, user_id: text(1, 255) }, ['title', 'content'])
export const promptChange = { ...object(promptFields), minProperties: 1 }
export const newVersion = object(promptFields)

/** Any JSON but a number that stands alone and is beyond 64 bits: SQLite would round it. */
const anyJson = {
  anyOf: [{ not: { type: 'number' } }, { type: 'number', minimum: -(2 ** 63), not: { minimum: 2 ** 63 } }],
}

const testResult = object(
  {
    test_case_name: text(1, 255),
    input_data: anyJson,
    expected_output: optional(text(0, 20_000)),
    actual_output: optional(text(0, 20_000)),
    score: share,
    passed: { type: 'boolean' },
    latency_ms: whole,
    token_count: optional(whole),
    cost_usd: optional({ type: 'number', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  },
  ['test_case_name', 'input_data', 'score', 'passed', 'latency_ms'],
)

export const newEvaluation = object({
  test_suite_id: optional(text(1, 36)),
  status: { type: 'string', enum: ['pending', 'running', 'completed', 'failed'] },
  overall_score: optional(share),
  metrics: optional({ type: 'object' }),
  execution_time_ms: optional(whole),
  provider: optional(text(1, 100)),
  model: optional(text(1, 100)),
  error_message: optional(text(0, 10_000)),
  results: { type: 'array', maxItems: 200, items: testResult },
})
