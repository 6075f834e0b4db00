import { afterAll, beforeAll, expect, it } from 'vitest'
import { injectedApi, type InjectedApi } from '../../../../fixtures/servers/reference-api.ts'
import { seededCopy, type SeededCopy } from '../../../../fixtures/servers/seeded-copy.ts'

let copy: SeededCopy
let api: InjectedApi

beforeAll(async () => {
  copy = await seededCopy()
  api = await injectedApi({ kind: 'file', path: copy.path })
})
afterAll(async () => {
  await api.close()
  copy.remove()
})

it('every request below /api/v1 is counted once, with its route and status, whatever became of it', async () => {
  const prompt = { title: 'a', content: 'b', user_id: 'c' }
  await api.send('GET', '/api/v1/prompts?limit=1')
  await api.send('GET', '/api/v1/prompts?limit=999')
  await api.send('GET', '/api/v1/prompts?cursor=x')
  await api.send('GET', '/api/v1/prompts/nobody')
  await api.send('POST', '/api/v1/prompts', prompt)
  await api.send('POST', '/api/v1/prompts', prompt)
  await api.send('PUT', '/api/v1/prompts')
  await api.send('GET', '/api/v1/no/such/path')
  await api.send('GET', '/api/v1/prompts/%zz')
  await api.send('GET', '/elsewhere')
  const { body, headers } = await api.send('GET', '/metrics')
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  const counted = [...body.matchAll(/^forgebench_api_requests_total\{(.*)\} (\d+)$/gm)].map(
    ([, labels, count]) => `${labels} ${count}`,
  )
  expect(counted.toSorted()).toEqual(
    [
      'method="GET",route="/api/v1/prompts",status="200" 1',
      'method="GET",route="/api/v1/prompts",status="400" 2',
      'method="GET",route="/api/v1/prompts/:id",status="404" 1',
      'method="POST",route="/api/v1/prompts",status="201" 2',
      'method="PUT",route="/api/v1/prompts",status="405" 1',
      'method="GET",route="/api/v1/*",status="404" 1',
      'method="GET",route="/api/v1/*",status="400" 1',
      'method="GET",route="*",status="404" 1',
    ].toSorted(),
  )
})

it('durations are in buckets that add up', async () => {
  const { body } = await api.send('GET', '/metrics')
  const name = 'forgebench_api_request_duration_seconds'
  const posts = 'method="POST",route="/api/v1/prompts"'
  expect(body).toContain(`# TYPE ${name} histogram`)
  expect(body).toContain(`${name}_count{${posts}} 2`)
  expect(body).toContain(`${name}_bucket{${posts},le="+Inf"} 2`)
  const buckets = [...body.matchAll(new RegExp(`^${name}_bucket\\{${posts},le="[^"]+"\\} (\\d+)$`, 'gm'))]
  const counts = buckets.map(([, count]) => Number(count))
  expect(counts).toHaveLength(13)
  expect(counts.toSorted((a, b) => a - b)).toEqual(counts)
})
