/** A load of writes, as text: prompts, and evaluations whose results are stored with them or not at all. */
export const loadProfile = `import { defineLoadProfile } from 'forgebench'

export default defineLoadProfile({
  title: 'Writes',
  why: 'What is stored of a load that was killed can be counted.',
  data: {
    file: 'writes.data.json',
    tables: { prompts: { table: 'prompts', columns: ['id'], where: 'deleted_at IS NULL', rows: 50 } },
  },
  requests: [
    {
      id: 'create',
      title: 'a new prompt',
      method: 'POST',
      path: () => '/api/v1/prompts',
      body: ({ index }) => ({ title: 'torture ' + index, content: 'x'.repeat(500), user_id: 'torture' }),
      status: 201,
      creates: 'prompts',
    },
    {
      id: 'evaluate',
      title: 'an evaluation with its results',
      method: 'POST',
      path: ({ row }) => '/api/v1/prompts/' + row('prompts').id + '/evaluations',
      body: ({ index }) => ({
        status: 'completed',
        provider: 'torture',
        model: String(2 + (index % 7)),
        results: Array.from({ length: 2 + (index % 7) }, (_, at) => ({
          test_case_name: 'case ' + at,
          input_data: { index },
          score: 0.5,
          passed: true,
          latency_ms: 1,
        })),
      }),
      status: 201,
    },
  ],
  mixes: { writes: { create: 1, evaluate: 1 } },
  thinkMs: { from: 0, to: 0 },
  stages: [{ seconds: 1, level: 1 }],
  thresholds: {},
})
`
