/** JSON Schemas of what the API answers, for its OpenAPI document: nothing is checked against them while it serves. */
const text = { type: 'string' }
const textOrNull = { type: 'string', nullable: true }
const number = { type: 'number', nullable: true }
const whole = { type: 'integer', nullable: true }
const moment = { type: 'string', format: 'date-time' }
const anyObject = { type: 'object', additionalProperties: true, nullable: true }
const tags = { type: 'array', items: text, nullable: true }

/** An object whose members are all there. */
const wholeObject = (properties: object) => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
})
const object = ($id: string, properties: object) => ({ $id, ...wholeObject(properties) })

const listedPrompt = {
  title: text,
  tags,
  version: { type: 'integer' },
  parent_id: textOrNull,
  user_id: text,
  status: text,
  updated_at: moment,
  created_at: moment,
  id: text,
}

const listedEvaluation = {
  prompt_id: text,
  test_suite_id: textOrNull,
  status: text,
  overall_score: number,
  metrics: anyObject,
  execution_time_ms: whole,
  provider: textOrNull,
  model: textOrNull,
  error_message: textOrNull,
  updated_at: moment,
  created_at: moment,
  id: text,
}

const testResult = {
  id: text,
  test_case_name: text,
  input_data: {},
  expected_output: textOrNull,
  actual_output: textOrNull,
  score: { type: 'number' },
  passed: { type: 'boolean' },
  latency_ms: { type: 'integer' },
  token_count: whole,
  cost_usd: number,
  created_at: moment,
}

const refTo = ($id: string) => ({ $ref: `${$id}#` })
const page = ($id: string, item: string) =>
  object($id, { items: { type: 'array', items: refTo(item) }, next_cursor: textOrNull })

/** The schemas by name. */
export const outputSchemas = [
  object('Error', { error: wholeObject({ code: text, message: text }) }),
  object('Prompt', {
    ...listedPrompt,
    description: textOrNull,
    content: text,
    system_message: textOrNull,
    meta_data: anyObject,
  }),
  object('ListedPrompt', listedPrompt),
  page('PromptPage', 'ListedPrompt'),
  object('ListedEvaluation', listedEvaluation),
  page('EvaluationPage', 'ListedEvaluation'),
  object('TestResult', testResult),
  object('Evaluation', { ...listedEvaluation, results: { type: 'array', items: refTo('TestResult') } }),
  object('CreatedEvaluation', {
    id: text,
    prompt_id: text,
    status: text,
    overall_score: number,
    result_count: { type: 'integer' },
    created_at: moment,
  }),
  object('Score', { evaluation_id: text, mean_score: number }),
  { $id: 'Facts', type: 'object', additionalProperties: text },
]

export type OutputName =
  'Prompt' | 'PromptPage' | 'EvaluationPage' | 'Evaluation' | 'CreatedEvaluation' | 'Score' | 'Facts'

const errors = {
  '4xx': { description: 'The request is refused; nothing is changed.', ...refTo('Error') },
  '5xx': { description: 'The database or the server failed; nothing is acknowledged.', ...refTo('Error') },
}

const location = { location: { type: 'string', description: 'Path of what was created.' } }

/** The part of a route's schema that says what it is for, and its answers by status. */
const described = (summary: string, answers: object) => ({ summary, response: { ...answers, ...errors } })

/** 200 with a body of that name. */
export const answers200 = (name: OutputName, summary: string) =>
  described(summary, { 200: { description: 'Found.', ...refTo(name) } })

/** 201 with a body of that name. */
export const answers201 = (name: OutputName, summary: string) =>
  described(summary, { 201: { description: 'Created.', headers: location, ...refTo(name) } })

export const answers204 = (summary: string) =>
  described(summary, { 204: { description: 'Done.', type: 'null' } })

/** 200 with text for Prometheus. */
export const answersMetrics = described('Metrics for Prometheus', {
  200: { description: 'Metrics.', content: { 'text/plain': { schema: text } } },
})

/** 200 with a JSON document of any shape. */
export const answersDocument = described('This document', {
  200: { description: 'An OpenAPI document.', type: 'object', additionalProperties: true },
})
