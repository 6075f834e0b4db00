// Every engine reads this file, k6 among them: it imports types alone.
import type { Json, LoadDraw, LoadProfile, LoadRow } from 'forgebench'

const api = '/api/v1'

/** Ids that end so are there to be deleted, and nothing else is done with them. */
const disposable = "'%f'"

/** A column that holds JSON as text. */
const parsed = (text: LoadRow[string] | undefined): Json =>
  typeof text === 'string' ? (JSON.parse(text) as Json) : null

/** A new prompt, with the texts of a seeded one. */
const newPrompt = ({ index, row }: LoadDraw): Json => {
  const text = row('texts')
  return {
    title: `${text['title']} (${index})`,
    description: text['description'] ?? null,
    content: text['content'] ?? '',
    system_message: text['system_message'] ?? null,
    tags: parsed(text['tags']),
    meta_data: parsed(text['meta_data']),
    user_id: text['user_id'] ?? '',
    status: text['status'] ?? 'draft',
  }
}

/** An evaluation that has run, with its results. */
const newEvaluation = ({ random, row }: LoadDraw): Json => {
  const { provider = null, model = null } = row('models')
  const results = Array.from({ length: 3 + Math.floor(random() * 6) }, () => {
    const result = row('results')
    return { ...result, input_data: parsed(result['input_data']), passed: result['passed'] === 1 }
  })
  return { status: 'completed', provider, model, results }
}

export default {
  title: 'The API of prompts and evaluations',
  why: 'The review promises a P95 below 200 ms at 10,000 requests/s with fewer than 0.1 % errors for lists of prompts and new prompts, three to one; that load had never been sent.',
  data: {
    file: 'prompts-api.data.json',
    tables: {
      lists: {
        table: 'prompts',
        columns: ['user_id'],
        where: "status = 'active' AND deleted_at IS NULL",
        rows: 250,
      },
      prompts: {
        table: 'prompts',
        columns: ['id'],
        where: `deleted_at IS NULL AND id NOT LIKE ${disposable}`,
        rows: 400,
      },
      versioned: {
        table: 'prompts',
        columns: ['parent_id'],
        where: `parent_id IN (SELECT id FROM prompts WHERE deleted_at IS NULL AND id NOT LIKE ${disposable})`,
        rows: 200,
      },
      evaluated: {
        table: 'evaluations',
        columns: ['prompt_id'],
        where: `prompt_id IN (SELECT id FROM prompts WHERE deleted_at IS NULL AND id NOT LIKE ${disposable})`,
        rows: 300,
      },
      evaluations: { table: 'evaluations', columns: ['id'], where: "status = 'completed'", rows: 300 },
      disposable: {
        table: 'prompts',
        columns: ['id'],
        where: `deleted_at IS NULL AND id LIKE ${disposable}`,
        rows: 150,
      },
      texts: {
        table: 'prompts',
        columns: [
          'title',
          'description',
          'content',
          'system_message',
          'tags',
          'meta_data',
          'user_id',
          'status',
        ],
        rows: 10,
      },
      models: { table: 'evaluations', columns: ['provider', 'model'], rows: 40 },
      results: {
        table: 'test_results',
        columns: [
          'test_case_name',
          'input_data',
          'expected_output',
          'actual_output',
          'score',
          'passed',
          'latency_ms',
          'token_count',
          'cost_usd',
        ],
        rows: 10,
      },
    },
  },
  requests: [
    {
      id: 'list',
      title: 'the newest 20 prompts of everybody',
      method: 'GET',
      path: () => `${api}/prompts?limit=20`,
      status: 200,
    },
    {
      id: 'user-list',
      title: "a user's active prompts, newest first, 20 (Q1)",
      method: 'GET',
      path: ({ row }) => `${api}/prompts?limit=20&user_id=${row('lists')['user_id']}&status=active`,
      status: 200,
    },
    {
      id: 'get',
      title: 'one prompt',
      method: 'GET',
      path: ({ row }) => `${api}/prompts/${row('prompts')['id']}`,
      status: 200,
    },
    {
      id: 'versions',
      title: 'the versions of a prompt',
      method: 'GET',
      path: ({ row }) => `${api}/prompts/${row('versioned')['parent_id']}/versions`,
      status: 200,
    },
    {
      id: 'evaluations',
      title: "a prompt's latest 5 evaluations (Q2)",
      method: 'GET',
      path: ({ row }) => `${api}/prompts/${row('evaluated')['prompt_id']}/evaluations?limit=5`,
      status: 200,
    },
    {
      id: 'score',
      title: "an evaluation's mean score over passed results (Q3)",
      method: 'GET',
      path: ({ row }) => `${api}/evaluations/${row('evaluations')['id']}/score`,
      status: 200,
    },
    {
      id: 'create',
      title: 'a new prompt',
      method: 'POST',
      path: () => `${api}/prompts`,
      body: newPrompt,
      status: 201,
      creates: 'prompts',
    },
    {
      id: 'update',
      title: 'another title for a prompt',
      method: 'PATCH',
      path: ({ row }) => `${api}/prompts/${row('prompts')['id']}`,
      body: ({ index, row }) => ({ title: `${row('texts')['title']} (changed by ${index})` }),
      status: 200,
    },
    {
      id: 'delete',
      title: 'a prompt is deleted, softly; one that is deleted already stays so',
      method: 'DELETE',
      path: ({ row }) => `${api}/prompts/${row('disposable')['id']}`,
      status: 204,
    },
    {
      id: 'evaluate',
      title: 'an evaluation with its 3 to 8 results, in one transaction',
      method: 'POST',
      path: ({ row }) => `${api}/prompts/${row('prompts')['id']}/evaluations`,
      body: newEvaluation,
      status: 201,
      creates: 'evaluations',
    },
  ],
  mixes: {
    review: { list: 3, create: 1 },
    full: {
      list: 20,
      'user-list': 25,
      get: 20,
      versions: 4,
      evaluations: 10,
      score: 8,
      create: 5,
      update: 4,
      delete: 1,
      evaluate: 3,
    },
    reads: { 'user-list': 1, evaluations: 1, score: 1 },
  },
  thinkMs: { from: 100, to: 500 },
  stages: [
    { seconds: 3, level: 1 },
    { seconds: 27, level: 1 },
  ],
  thresholds: {
    http_req_duration: ['p(95)<200'],
    'http_req_duration{op:list}': ['p(95)<200'],
    'http_req_duration{op:create}': ['p(95)<200'],
    http_req_failed: ['rate<0.001'],
  },
} satisfies LoadProfile
