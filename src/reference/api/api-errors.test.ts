import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { overStore } from '../../../fixtures/servers/reference-api.ts'
import { seededCopy, type SeededCopy } from '../../../fixtures/servers/seeded-copy.ts'
import { TargetError } from '../../core/errors.ts'
import { NativeConnection } from '../../target/native.ts'
import { startApi, type RunningApi } from './server/start-api.ts'
import type { ApiStore } from './store/store.ts'

let copy: SeededCopy
let running: RunningApi

beforeAll(async () => {
  copy = await seededCopy()
  running = await startApi({ location: { kind: 'file', path: copy.path }, port: 0, host: '127.0.0.1' })
})
afterAll(async () => {
  await running.close()
  copy.remove()
})

const prompt = { title: 'A title', content: 'You are…', user_id: 'user_test' }
const json = { 'content-type': 'application/json' }

async function ask(method: string, path: string, body?: string, headers: Record<string, string> = json) {
  const answer = await fetch(`${running.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body, headers }),
  })
  const text = await answer.text()
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
  const { error } = JSON.parse(text) as { error: { code: string; message: string } }
  expect(Object.keys(error)).toEqual(['code', 'message'])
  return { status: answer.status, allow: answer.headers.get('allow'), ...error }
}

const without = (field: keyof typeof prompt): string => JSON.stringify({ ...prompt, [field]: undefined })
const having = (more: object): string => JSON.stringify({ ...prompt, ...more })
const result = { test_case_name: 'a', input_data: {}, score: 1, passed: true, latency_ms: 1 }
const evaluation = (more: object): string => JSON.stringify({ results: [{ ...result, ...more }] })

describe('a request that cannot be served', () => {
  it.each([
    [
      'GET',
      '/api/v1/prompts?limit=0',
      undefined,
      400,
      'INVALID_QUERY',
      'query.limit must be a whole number from 1 to 100',
    ],
    [
      'GET',
      '/api/v1/prompts?limit=101',
      undefined,
      400,
      'INVALID_QUERY',
      'query.limit must be a whole number from 1 to 100',
    ],
    [
      'GET',
      '/api/v1/prompts?limit=2x',
      undefined,
      400,
      'INVALID_QUERY',
      'query.limit must be a whole number from 1 to 100',
    ],
    [
      'GET',
      '/api/v1/prompts?limit=2&limit=3',
      undefined,
      400,
      'INVALID_QUERY',
      'query.limit is given more than once; give it once',
    ],
    [
      'GET',
      '/api/v1/prompts?status=draft&status=active',
      undefined,
      400,
      'INVALID_QUERY',
      'query.status is given more than once; give it once',
    ],
    ['GET', '/api/v1/prompts?page=2', undefined, 400, 'INVALID_QUERY', 'query has the unknown field page'],
    [
      'GET',
      '/api/v1/prompts?status=gone',
      undefined,
      400,
      'INVALID_QUERY',
      'query.status must be one of draft, active, archived',
    ],
    ['GET', '/api/v1/prompts?cursor=abc', undefined, 400, 'INVALID_CURSOR', /leave it out/],
    ['GET', '/api/v1/prompts/%zz', undefined, 400, 'INVALID_URL', /not a valid URL/],
    ['GET', '/api/v1/prompts/nobody', undefined, 404, 'NOT_FOUND', /no such prompt/],
    ['GET', '/api/v1/nothing', undefined, 404, 'NOT_FOUND', 'no such path: /api/v1/nothing'],
    ['GET', '/', undefined, 404, 'NOT_FOUND', 'no such path: /'],
    ['POST', '/api/v1/prompts', '', 400, 'INVALID_BODY', 'the body is empty; it must be JSON'],
    ['POST', '/api/v1/prompts', '{', 400, 'INVALID_BODY', 'the body is not valid JSON'],
    ['POST', '/api/v1/prompts', '[]', 400, 'INVALID_BODY', 'body must be object'],
    ['POST', '/api/v1/prompts', '{"__proto__":{}}', 400, 'INVALID_BODY', /unknown field __proto__|lacks/],
    ['POST', '/api/v1/prompts', without('content'), 400, 'INVALID_BODY', 'body lacks the field content'],
    [
      'POST',
      '/api/v1/prompts',
      having({ title: '' }),
      400,
      'INVALID_BODY',
      /body.title must NOT have fewer than 1/,
    ],
    ['POST', '/api/v1/prompts', having({ title: 'x'.repeat(256) }), 400, 'INVALID_BODY', /more than 255/],
    ['POST', '/api/v1/prompts', having({ title: 7 }), 400, 'INVALID_BODY', 'body.title must be string'],
    [
      'POST',
      '/api/v1/prompts',
      having({ tags: ['x', 1] }),
      400,
      'INVALID_BODY',
      'body.tags.1 must be string',
    ],
    ['POST', '/api/v1/prompts', having({ tags: ['x'.repeat(51)] }), 400, 'INVALID_BODY', /more than 50/],
    ['POST', '/api/v1/prompts', having({ id: 'mine' }), 400, 'INVALID_BODY', 'body has the unknown field id'],
    ['POST', '/api/v1/prompts', having({ status: 'gone' }), 400, 'INVALID_BODY', /must be one of draft/],
    [
      'POST',
      '/api/v1/prompts',
      having({ content: 'x'.repeat(1_048_577) }),
      413,
      'BODY_TOO_LARGE',
      /larger than 1048576/,
    ],
    ['PATCH', '/api/v1/prompts/x', '{}', 400, 'INVALID_BODY', /fewer than 1 properties/],
    [
      'PATCH',
      '/api/v1/prompts/x',
      '{"user_id":"other"}',
      400,
      'INVALID_BODY',
      'body has the unknown field user_id',
    ],
    ['PATCH', '/api/v1/prompts/x', '{"title":null}', 400, 'INVALID_BODY', 'body.title must be string'],
    ['POST', '/api/v1/prompts/x/versions', '{"version":9}', 400, 'INVALID_BODY', /unknown field version/],
    [
      'POST',
      '/api/v1/prompts/x/evaluations',
      evaluation({ score: 1.01 }),
      400,
      'INVALID_BODY',
      'body.results.0.score must be <= 1',
    ],
    [
      'POST',
      '/api/v1/prompts/x/evaluations',
      evaluation({ score: '1' }),
      400,
      'INVALID_BODY',
      'body.results.0.score must be number',
    ],
    [
      'POST',
      '/api/v1/prompts/x/evaluations',
      evaluation({ passed: 1 }),
      400,
      'INVALID_BODY',
      /passed must be boolean/,
    ],
    [
      'POST',
      '/api/v1/prompts/x/evaluations',
      evaluation({ latency_ms: -1 }),
      400,
      'INVALID_BODY',
      /latency_ms must be >= 0/,
    ],
    [
      'POST',
      '/api/v1/prompts/x/evaluations',
      evaluation({ latency_ms: 1.5 }),
      400,
      'INVALID_BODY',
      /latency_ms must be integer/,
    ],
    [
      'POST',
      '/api/v1/prompts/x/evaluations',
      evaluation({ latency_ms: 2 ** 60 }),
      400,
      'INVALID_BODY',
      /latency_ms must be integer from 0 to 9007199254740991/,
    ],
    [
      'POST',
      '/api/v1/prompts/x/evaluations',
      JSON.stringify({ results: Array.from({ length: 201 }, () => result) }),
      400,
      'INVALID_BODY',
      /more than 200/,
    ],
  ] as const)('%s %s %.40s is answered with %i %s', async (method, path, body, status, code, message) => {
    const answer = await ask(method, path, body)
    expect(answer).toMatchObject({ status, code })
    expect(answer.message).toMatch(message)
  })

  it.each([
    ['PUT', '/api/v1/prompts', 'GET, POST, HEAD'],
    ['DELETE', '/api/v1/prompts', 'GET, POST, HEAD'],
    ['POST', '/api/v1/prompts/x', 'GET, PATCH, DELETE, HEAD'],
    ['PATCH', '/api/v1/evaluations/x/score', 'GET, HEAD'],
  ])('%s %s is answered with 405 and what is allowed', async (method, path, allow) => {
    expect(await ask(method, path, 'not even JSON')).toMatchObject({
      status: 405,
      code: 'METHOD_NOT_ALLOWED',
      allow,
    })
  })

  it('is answered with 415 when its body is no JSON by its own words', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'nonsense']) {
      const answer = await ask('POST', '/api/v1/prompts', having({}), { 'content-type': type })
      expect(answer).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' })
    }
  })

  it('is answered with 400 or 431 when it is no HTTP or its headers never end', async () => {
    const tell = (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        let answer = ''
        const socket = connect(running.port, '127.0.0.1', () => socket.write(text))
        socket.on('data', (chunk) => (answer += chunk.toString()))
        socket.on('close', () => resolve(answer))
        socket.on('error', reject)
      })
    expect(await tell('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1.1 400 .*"code":"BAD_REQUEST"/s)
    const endless = `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`
    expect(await tell(endless)).toMatch(/^HTTP\/1.1 431 .*"code":"HEADERS_TOO_LARGE"/s)
  })

  it('changes nothing in the database', () => {
    const connection = new NativeConnection(copy.path)
    expect(connection.querySync('SELECT count(*) FROM prompts').rows).toEqual([[100]])
    connection.close()
  })
})

describe('a database that fails', () => {
  const failing = (code: string): ApiStore => {
    const fail = async (): Promise<never> => {
      throw new TargetError(code, `/secret/path.db: ${code}`)
    }
    return {
      jsonForm: 'text',
      readRow: fail,
      write: fail,
      describe: async () => ({}),
      close: async () => undefined,
    }
  }

  it.each([
    ['TARGET_BUSY', 503, 'DATABASE_BUSY', '1'],
    ['TARGET_OVERLOADED', 503, 'DATABASE_BUSY', '1'],
    ['TARGET_UNREACHABLE', 503, 'DATABASE_UNREACHABLE', '1'],
    ['TARGET_CONSTRAINT', 409, 'CONFLICT', undefined],
    ['TARGET_DISK_FULL', 507, 'DATABASE_FULL', undefined],
    ['TARGET_FAILED', 500, 'DATABASE_FAILED', undefined],
  ])('with %s is answered with %i %s, and what it said is kept back', async (target, status, code, retry) => {
    const { send, close } = overStore(failing(target))
    for (const answer of [
      await send('GET', '/api/v1/prompts'),
      await send('POST', '/api/v1/prompts', prompt),
    ]) {
      expect(answer.statusCode).toBe(status)
      expect(answer.json()).toMatchObject({ error: { code } })
      expect(answer.headers['retry-after']).toBe(retry)
      expect(answer.body).not.toContain('secret')
    }
    await close()
  })
})
