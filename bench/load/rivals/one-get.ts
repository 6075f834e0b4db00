import type { LoadProfile } from 'forgebench'

export default {
  title: 'One and the same GET, with a second to warm up',
  why: 'What other tools send too, so that `npm run bench:load` compares senders and nothing else; every engine can import it.',
  data: { file: 'one-get.data.json', tables: {} },
  requests: [{ id: 'get', title: 'the root', method: 'GET', path: () => '/', status: 200 }],
  mixes: { one: { get: 1 } },
  thinkMs: { from: 0, to: 0 },
  stages: [
    { seconds: 1, level: 1 },
    { seconds: 9, level: 1 },
  ],
  thresholds: {},
} satisfies LoadProfile
