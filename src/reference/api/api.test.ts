import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { injectedApi, type InjectedApi } from '../../../fixtures/servers/reference-api.ts'
import { seededCopy, type SeededCopy } from '../../../fixtures/servers/seeded-copy.ts'
import type { Location } from '../../target/location.ts'
import { findSqld, startSqld, type RunningSqld } from '../../target/server/sqld-process.ts'

const sqld = await findSqld()

interface Target {
  readonly location: Location
  readonly stop: () => Promise<void>
}

let copy: SeededCopy

const file = async (): Promise<Target> => ({
  location: { kind: 'file', path: copy.path },
  stop: async () => undefined,
})

const server = (scheme: string) => async (): Promise<Target> => {
  const running: RunningSqld = await startSqld({ databasePath: copy.path })
  const url = running.url.replace('http', scheme)
  return { location: { kind: 'remote', url }, stop: running.stop }
}

beforeAll(async () => {
  copy = await seededCopy()
})
afterAll(() => copy.remove())

const prompt = { title: 'A title', content: 'You are…\u0000"\n😀', user_id: 'user_test' }
const result = {
  test_case_name: 'one',
  input_data: { a: [1, null] },
  score: 0.5,
  passed: true,
  latency_ms: 12,
}

for (const [name, isHere, start] of [
  ['a file', true, file],
  ['a libSQL server over HTTP (needs sqld)', sqld !== undefined, server('http')],
  ['a libSQL server over WebSocket (needs sqld)', sqld !== undefined, server('ws')],
] as const) {
  describe.skipIf(!isHere)(`the reference API on ${name}`, () => {
    let target: Target
    let api: InjectedApi
    beforeAll(async () => {
      target = await start()
      api = await injectedApi(target.location)
    })
    afterAll(async () => {
      await api.close()
      await target.stop()
    })

    const create = async (more: object = {}): Promise<string> => {
      const answer = await api.send('POST', '/api/v1/prompts', { ...prompt, ...more })
      expect(answer.statusCode).toBe(201)
      return answer.json<{ id: string }>().id
    }
    const ids = async (url: string): Promise<readonly string[]> =>
      (await api.send('GET', url)).json<{ items: { id: string }[] }>().items.map(({ id }) => id)

    it('creates a prompt, says where it is, and gives it back as it was sent', async () => {
      const tags = ['a', 'ä "quoted"']
      const meta = { deep: { n: 1.5, b: false } }
      const answer = await api.send('POST', '/api/v1/prompts', { ...prompt, tags, meta_data: meta })
      const body = answer.json<Record<string, unknown>>()
      expect(answer.statusCode).toBe(201)
      expect(answer.headers['location']).toBe(`/api/v1/prompts/${String(body['id'])}`)
      expect(body).toMatchObject({
        ...prompt,
        tags,
        meta_data: meta,
        description: null,
        version: 1,
        parent_id: null,
        status: 'draft',
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      })
      const found = await api.send('GET', String(answer.headers['location']))
      expect(found.statusCode).toBe(200)
      expect(found.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(found.json()).toEqual(body)
    })

    it('lists the newest prompts first, without their content, those of one user or status when asked', async () => {
      const older = await create()
      const newer = await create({ status: 'active' })
      expect((await ids('/api/v1/prompts?limit=2')).slice(0, 2)).toEqual([newer, older])
      expect(await ids('/api/v1/prompts?user_id=user_test&limit=2')).toEqual([newer, older])
      expect((await ids('/api/v1/prompts?status=active&limit=1'))[0]).toBe(newer)
      const [item] = (await api.send('GET', '/api/v1/prompts?user_id=user_test&status=active')).json().items
      expect(Object.keys(item).toSorted()).toEqual([
        'created_at',
        'id',
        'parent_id',
        'status',
        'tags',
        'title',
        'updated_at',
        'user_id',
        'version',
      ])
      expect((await ids('/api/v1/prompts')).length).toBe(20)
    })

    it('changes the fields that are sent and leaves the others', async () => {
      const id = await create({ tags: ['x'], description: 'old' })
      const answer = await api.send('PATCH', `/api/v1/prompts/${id}`, { title: 'New', description: null })
      expect(answer.statusCode).toBe(200)
      expect(answer.json()).toMatchObject({ id, title: 'New', description: null, tags: ['x'] })
      expect((await api.send('GET', `/api/v1/prompts/${id}`)).json()).toEqual(answer.json())
    })

    it('deletes softly and as often as asked, but not what never was', async () => {
      const id = await create()
      for (const times of [1, 2]) {
        const answer = await api.send('DELETE', `/api/v1/prompts/${id}`)
        expect({ times, status: answer.statusCode, body: answer.body }).toEqual({
          times,
          status: 204,
          body: '',
        })
      }
      expect((await api.send('GET', `/api/v1/prompts/${id}`)).statusCode).toBe(404)
      expect((await api.send('PATCH', `/api/v1/prompts/${id}`, { title: 'x' })).statusCode).toBe(404)
      expect(await ids('/api/v1/prompts?limit=1')).not.toContain(id)
      expect((await api.send('DELETE', '/api/v1/prompts/nobody')).statusCode).toBe(404)
    })

    it('adds versions that follow their parent, and shows the whole tree from any of its prompts', async () => {
      const first = await create({ tags: ['kept'] })
      const answer = await api.send('POST', `/api/v1/prompts/${first}/versions`, { content: 'second' })
      expect(answer.statusCode).toBe(201)
      const second = answer.json()
      expect(second).toMatchObject({
        version: 2,
        parent_id: first,
        content: 'second',
        tags: ['kept'],
        title: 'A title',
      })
      expect(answer.headers['location']).toBe(`/api/v1/prompts/${second.id}`)
      const third = (await api.send('POST', `/api/v1/prompts/${second.id}/versions`, {})).json()
      expect(third).toMatchObject({ version: 3, parent_id: second.id, content: 'second' })
      const tree = [third.id, second.id, first]
      for (const id of tree) expect(await ids(`/api/v1/prompts/${id}/versions`)).toEqual(tree)
      expect((await api.send('POST', '/api/v1/prompts/nobody/versions', {})).statusCode).toBe(404)
      expect((await api.send('GET', '/api/v1/prompts/nobody/versions')).statusCode).toBe(404)
    })

    it('stores an evaluation with its results, and gives its mean score over those that passed', async () => {
      const id = await create()
      const results = [
        result,
        { ...result, score: 1, token_count: 7 },
        { ...result, score: 0, passed: false },
      ]
      const answer = await api.send('POST', `/api/v1/prompts/${id}/evaluations`, { provider: 'p', results })
      expect(answer.statusCode).toBe(201)
      const evaluation = answer.json()
      expect(evaluation).toMatchObject({
        prompt_id: id,
        status: 'completed',
        overall_score: 0.5,
        result_count: 3,
      })
      const whole = (await api.send('GET', String(answer.headers['location']))).json()
      expect(whole).toMatchObject({ id: evaluation.id, provider: 'p', overall_score: 0.5 })
      expect(whole.results).toMatchObject([
        { ...result, expected_output: null },
        { score: 1, token_count: 7, passed: true },
        { score: 0, passed: false },
      ])
      const score = await api.send('GET', `/api/v1/evaluations/${evaluation.id}/score`)
      expect(score.json()).toEqual({ evaluation_id: evaluation.id, mean_score: 0.75 })
      expect(await ids(`/api/v1/prompts/${id}/evaluations`)).toEqual([evaluation.id])
    })

    it('knows nothing of evaluations of a prompt that is not there, and stores none', async () => {
      const gone = await create()
      await api.send('DELETE', `/api/v1/prompts/${gone}`)
      for (const id of ['nobody', gone]) {
        expect((await api.send('GET', `/api/v1/prompts/${id}/evaluations`)).statusCode).toBe(404)
        const answer = await api.send('POST', `/api/v1/prompts/${id}/evaluations`, { results: [result] })
        expect(answer.statusCode).toBe(404)
      }
      for (const path of ['nobody', 'nobody/score']) {
        expect((await api.send('GET', `/api/v1/evaluations/${path}`)).statusCode).toBe(404)
      }
    })

    it('has no score for an evaluation of which nothing passed', async () => {
      const id = await create()
      const { id: evaluation } = (await api.send('POST', `/api/v1/prompts/${id}/evaluations`, {})).json()
      const score = await api.send('GET', `/api/v1/evaluations/${evaluation}/score`)
      expect(score.json()).toEqual({ evaluation_id: evaluation, mean_score: null })
    })
  })
}
