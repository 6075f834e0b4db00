import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { prepareLoad } from '../../engine/load/prepare-load.ts'
import type { LoadModel } from '../../load/load-plan.ts'
import { loadSummary } from './summary.ts'

const summaryOf = async (mix: string, model: LoadModel): Promise<string> => {
  const prepared = await prepareLoad(
    'load/prompts-api',
    {
      url: 'http://127.0.0.1:1',
      mix,
      seed: 1,
      model,
      whenBusy: 'waits',
      seconds: 20,
      connections: undefined,
      connectRatePerSec: 1000,
      timeoutMs: 10_000,
      maxRequests: 1_000_000,
      workers: 1,
      tokenEnv: null,
      dataPath: resolve('scenarios/load/prompts-api.data.json'),
    },
    [{ metric: 'http_req_duration', expression: 'p(95)<50' }],
  )
  return loadSummary(prepared, 'open')
}

describe('loadSummary', () => {
  test('says what is sent, how fast, and what is written', async () => {
    expect(await summaryOf('review', { kind: 'open-model', ratePerSec: 500, spacing: 'poisson' })).toBe(
      `load on http://127.0.0.1:1 by the engine open: profile load/prompts-api, mix review, seed 1
  500 requests/s (poisson) for 20 s, of which 3 s are warm-up: about 9,250 requests
  75 % GET list, 25 % POST create
  as many connections as the answers need, 10,000 at most, answers within 10000 ms, at most 1,000,000 requests
  IT WRITES: POST create about 2,313 times adds prompts
  thresholds: http_req_duration{op:list} p(95)<200, http_req_duration{op:create} p(95)<200, http_req_failed rate<0.001, http_req_duration p(95)<50
`,
    )
  })

  test('says so when nothing is written, and guesses no number of requests that depends on the answers', async () => {
    const summary = await summaryOf('reads', { kind: 'closed-model', users: 30 })
    expect(summary).toContain('  30 users for 20 s, of which 3 s are warm-up\n')
    expect(summary).toContain('  33.3 % GET user-list, 33.3 % GET evaluations, 33.3 % GET score\n')
    expect(summary).toContain('  nothing is written\n')
    expect(await summaryOf('full', { kind: 'peak' })).toContain(
      'IT WRITES: POST create adds prompts, PATCH update, DELETE delete, POST evaluate adds evaluations\n',
    )
  })
})
