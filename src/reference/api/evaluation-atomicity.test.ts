import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { injectedApi, type InjectedApi } from '../../../fixtures/servers/reference-api.ts'
import { seededCopy, type SeededCopy } from '../../../fixtures/servers/seeded-copy.ts'
import type { Row } from '../../target/connection.ts'
import type { Location } from '../../target/location.ts'
import { NativeConnection } from '../../target/native.ts'
import { findSqld, startSqld, type RunningSqld } from '../../target/server/sqld-process.ts'
import { openStore } from './store/open-store.ts'
import type { ApiStore } from './store/store.ts'

const sqld = await findSqld()
let copy: SeededCopy
let server: RunningSqld | undefined

beforeAll(async () => {
  copy = await seededCopy()
  const connection = new NativeConnection(copy.path)
  connection.scriptSync(`CREATE TRIGGER refuse BEFORE INSERT ON test_results WHEN new.test_case_name = 'refused'
BEGIN SELECT RAISE(ABORT, 'refused'); END`)
  connection.close()
  if (sqld !== undefined) server = await startSqld({ databasePath: copy.path })
})
afterAll(async () => {
  await server?.stop()
  copy.remove()
})

const result = (name: string) => ({
  test_case_name: name,
  input_data: 1,
  score: 1,
  passed: true,
  latency_ms: 1,
})
const fine = { results: [result('a'), result('b')] }
const broken = { results: [result('a'), result('b'), result('refused'), result('c')] }

const targets: readonly (readonly [name: string, isHere: boolean, location: () => Location])[] = [
  ['a file', true, () => ({ kind: 'file', path: copy.path })],
  ['a libSQL server (needs sqld)', sqld !== undefined, () => ({ kind: 'remote', url: server?.url ?? '' })],
]

for (const [name, isHere, location] of targets) {
  describe.skipIf(!isHere)(`an evaluation and its results, on ${name}`, () => {
    let api: InjectedApi
    let store: ApiStore
    let prompt: string
    beforeAll(async () => {
      api = await injectedApi(location())
      store = await openStore(location(), undefined)
      prompt = (await api.send('POST', '/api/v1/prompts', { title: 't', content: 'c', user_id: 'u' })).json()
        .id
    })
    afterAll(async () => {
      await api.close()
      await store.close()
    })

    const counts = async (): Promise<Row | undefined> =>
      store.readRow({
        sql: 'SELECT (SELECT count(*) FROM evaluations), (SELECT count(*) FROM test_results)',
        args: [],
      })
    const post = (body: object) => api.send('POST', `/api/v1/prompts/${prompt}/evaluations`, body)

    it('are stored together or not at all', async () => {
      const before = await counts()
      const answer = await post(broken)
      expect(answer.statusCode).toBe(409)
      expect(answer.json()).toMatchObject({ error: { code: 'CONFLICT' } })
      expect(await counts()).toEqual(before)
      expect((await api.send('GET', `/api/v1/prompts/${prompt}/evaluations`)).json().items).toEqual([])
    })

    it('do not suffer from others that fail beside them, nor are stored twice', async () => {
      const [evaluations, results] = (await counts()) ?? []
      const bodies = Array.from({ length: 12 }, (_, index) => (index % 3 === 0 ? broken : fine))
      const answers = await Promise.all(bodies.map(post))
      expect(answers.map(({ statusCode }) => statusCode)).toEqual(
        bodies.map((body) => (body === fine ? 201 : 409)),
      )
      expect(await counts()).toEqual([Number(evaluations) + 8, Number(results) + 16])
    })
  })
}
