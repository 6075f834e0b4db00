import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { injectedApi, type InjectedApi } from '../../../fixtures/servers/reference-api.ts'
import { seededCopy, type SeededCopy } from '../../../fixtures/servers/seeded-copy.ts'
import { NativeConnection } from '../../target/native.ts'
import { answerClientError } from './server/answer-errors.ts'
import { exactJson, parseExactly } from './exact-json.ts'
import { startApi, type RunningApi } from './server/start-api.ts'

let copy: SeededCopy
let api: InjectedApi
let promptId: string

beforeAll(async () => {
  copy = await seededCopy()
  api = await injectedApi({ kind: 'file', path: copy.path })
  promptId = (await post('/api/v1/prompts', '{"title":"t","content":"c"}')).json<{ id: string }>().id
})
afterAll(async () => {
  await api.close()
  copy.remove()
})

const post = (url: string, payload: string | Buffer, headers: Readonly<Record<string, string>> = {}) =>
  api.api.inject({
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': 'application/json', ...headers },
  })

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
const promptWith = (more: string): string => `{"title":"t","content":"c",${more}}`
const evaluationOf = (input: string): string =>
  `{"results":[{"test_case_name":"a","input_data":${input},"score":1,"passed":true,"latency_ms":1}]}`

/** Fields that take any JSON: where to send it, and the levels that the body has around it. */
const fields = [
  ['meta_data', () => '/api/v1/prompts', (json: string) => promptWith(`"meta_data":{"a":${json}}`), 2],
  [
    'meta_data of a version',
    () => `/api/v1/prompts/${promptId}/versions`,
    (json: string) => `{"meta_data":{"a":${json}}}`,
    2,
  ],
  [
    'metrics',
    () => `/api/v1/prompts/${promptId}/evaluations`,
    (json: string) => `{"metrics":{"a":${json}}}`,
    2,
  ],
  ['input_data', () => `/api/v1/prompts/${promptId}/evaluations`, evaluationOf, 3],
] as const

describe('JSON in a body', () => {
  it.each(fields)(
    'that nests 1,000 levels in %s is stored and read, and deeper is refused',
    async (...field) => {
      const [, url, bodyWith, around] = field
      const created = await post(url(), bodyWith(nested(1_000 - around)))
      expect(created.statusCode).toBe(201)
      const read = await api.send('GET', String(created.headers['location']))
      expect({ status: read.statusCode, has: read.body.includes(nested(1_000 - around)) }).toEqual({
        status: 200,
        has: true,
      })
      for (const depth of [1_001 - around, 1_000, 1_001, 4_500, 10_000, 400_000]) {
        const answer = await post(url(), bodyWith(nested(depth)))
        expect(answer.statusCode).toBe(400)
        expect(answer.json()).toMatchObject({
          error: { code: 'INVALID_BODY', message: expect.stringContaining('deeper than 1000 levels') },
        })
      }
      // One bad request takes nothing from the next.
      expect((await api.send('GET', String(created.headers['location']))).statusCode).toBe(200)
    },
  )

  it('may hold any number of brackets in texts', async () => {
    const content = `${'['.repeat(3_000)}"\\${'{'.repeat(3_000)}\\`
    const answer = await post('/api/v1/prompts', JSON.stringify({ title: 't', content }))
    expect(answer.json()).toMatchObject({ content })
  })

  it('that was stored deeper by others does not keep what is around it from being read', async () => {
    const created = await post(`/api/v1/prompts/${promptId}/evaluations`, evaluationOf('[]'))
    const url = String(created.headers['location'])
    const connection = new NativeConnection(copy.path)
    for (const input of [nested(999), nested(1_000), nested(1_001), 'no JSON']) {
      const { id } = created.json<{ id: string }>()
      connection.executeSync('UPDATE test_results SET input_data = ? WHERE evaluation_id = ?', [input, id])
      const read = await api.send('GET', url)
      expect({ status: read.statusCode, results: read.json().results }).toMatchObject({
        status: 200,
        results: [{ test_case_name: 'a' }],
      })
    }
    connection.close()
  })

  it.each([
    ['"\\ud800"', 'half of a surrogate pair'],
    ['"a\\uDC00b"', 'half of a surrogate pair'],
    ['"\\udc00\\ud800"', 'half of a surrogate pair'],
    ['"\\\\\\ud83d"', 'half of a surrogate pair'],
  ])('with the text %s is refused', async (text, message) => {
    for (const body of [`{"title":${text},"content":"c"}`, promptWith(`"meta_data":{${text}:1}`)]) {
      const answer = await post('/api/v1/prompts', body)
      expect(answer.statusCode).toBe(400)
      expect(answer.json().error.message).toContain(message)
    }
  })

  it.each([
    ['a byte that begins nothing', [0xff]],
    ['a surrogate in UTF-8', [0xed, 0xa0, 0x80]],
    ['a NUL of two bytes', [0xc0, 0x80]],
    ['half of a character', [0xe2, 0x82]],
  ])('with %s is refused', async (_what, bytes) => {
    const [before = '', after = ''] = '{"title":"|","content":"c"}'.split('|')
    const body = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)])
    const answer = await post('/api/v1/prompts', body)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({
      error: { code: 'INVALID_BODY', message: 'the body is not valid UTF-8' },
    })
  })

  it('is stored as it was echoed, whatever its texts, keys and numbers are', async () => {
    const integer = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n })
    const json = fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 4 })
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), json, integer, async (text, value, big) => {
        const meta = `{"v":${JSON.stringify(value)},"n":${big},"__proto__":[${JSON.stringify(text)}]}`
        const created = await post('/api/v1/prompts', promptWith(`"meta_data":${meta}`))
        expect(created.statusCode).toBe(201)
        const read = await api.send('GET', String(created.headers['location']))
        const sent = parseExactly(promptWith(`"meta_data":${meta}`))
        expect(parseExactly(created.body)).toMatchObject(sent as object)
        expect(exactJson((parseExactly(read.body) as { meta_data: unknown }).meta_data)).toBe(
          exactJson((sent as { meta_data: unknown }).meta_data),
        )
      }),
      { numRuns: 60 },
    )
  })

  it.each([
    ['9007199254740993', '[9007199254740993]'],
    ['-123456789012345678901234567890', '[-123456789012345678901234567890]'],
  ])('keeps the integer %s exact in every field', async (integer, json) => {
    for (const [, url, bodyWith] of fields) {
      const created = await post(url(), bodyWith(json))
      const read = await api.send('GET', String(created.headers['location']))
      expect(read.body).toContain(`[${integer}]`)
    }
  })

  it('keeps an integer that stands alone exact in 64 bits, and refuses a number that is larger', async () => {
    const url = `/api/v1/prompts/${promptId}/evaluations`
    const created = await post(url, evaluationOf('-9223372036854775808'))
    const read = await api.send('GET', String(created.headers['location']))
    expect(read.body).toContain('"input_data":-9223372036854775808,')
    for (const number of ['9223372036854775808', '-29773216342037143486464', '1e300']) {
      const refused = await post(url, evaluationOf(number))
      expect(refused.json(), number).toMatchObject({
        error: { message: expect.stringMatching(/^body.results.0.input_data is a number beyond 64 bits/) },
      })
    }
  })

  it.each(['1e400', '-1e999', '9'.repeat(2_000)])(
    'refuses the number %.10s, which it cannot keep',
    async (n) => {
      const answer = await post('/api/v1/prompts', promptWith(`"meta_data":{"n":${n}}`))
      expect({ status: answer.statusCode, message: answer.json().error.message }).toEqual({
        status: 400,
        message: expect.stringContaining('is too large'),
      })
    },
  )

  it('begins with a byte order mark or not, and is refused when it is compressed', async () => {
    const body = promptWith('"meta_data":{"n":9007199254740993}')
    expect((await post('/api/v1/prompts', `\ufeff${body}`)).body).toContain('"n":9007199254740993')
    const answer = await post('/api/v1/prompts', body, { 'content-encoding': 'gzip' })
    expect(answer.statusCode).toBe(415)
  })
})

describe('a query', () => {
  it.each(['user_id=%ED%A0%80', 'user_id=%FF', 'user_id=%', '%C0%80=x'])(
    'of %s is refused',
    async (query) => {
      const answer = await api.send('GET', `/api/v1/prompts?${query}`)
      expect(answer.statusCode).toBe(400)
      expect(answer.json()).toMatchObject({
        error: { code: 'INVALID_QUERY', message: 'query has escapes that are not valid UTF-8' },
      })
    },
  )
})

describe('a prompt without a user', () => {
  it('belongs to the user «anonymous»', async () => {
    const created = await post('/api/v1/prompts', '{"title":"t","content":"c"}')
    expect(created.json()).toMatchObject({ user_id: 'anonymous' })
    const listed = await api.send('GET', '/api/v1/prompts?user_id=anonymous&limit=1')
    expect(listed.json().items[0].id).toBe(created.json().id)
  })
})

describe('over a real connection', () => {
  let running: RunningApi
  beforeAll(async () => {
    running = await startApi({ location: { kind: 'file', path: copy.path }, port: 0, host: '127.0.0.1' })
  })
  afterAll(() => running.close())

  it('CONNECT is answered with 405, and the next client is served', async () => {
    const asked = request({ method: 'CONNECT', host: '127.0.0.1', port: running.port, path: 'example:443' })
    asked.end()
    const [answer, socket] = (await once(asked, 'connect')) as [{ statusCode: number }, Socket]
    expect(answer.statusCode).toBe(405)
    socket.destroy()
    expect((await fetch(`${running.url}/health`)).status).toBe(200)
  })

  it.each(['TRACE', 'PROPFIND', 'OPTIONS', 'PURGE'])(
    '%s is answered with 405 on every path',
    async (method) => {
      for (const path of [
        '/api/v1/prompts',
        '/api/v1/evaluations/x',
        '/health',
        '/metrics',
        '/openapi.json',
      ]) {
        const asked = request({ method, host: '127.0.0.1', port: running.port, path })
        asked.end()
        const [answer] = (await once(asked, 'response')) as [{ statusCode: number; headers: object }]
        expect(answer.statusCode).toBe(405)
        expect(answer.headers).toMatchObject({ allow: expect.stringContaining('GET') })
      }
    },
  )
})

describe('a client that is too slow', () => {
  it('has half a minute for its headers, and for its request', () => {
    const { headersTimeout, requestTimeout } = api.api.server
    expect({ headersTimeout, requestTimeout }).toEqual({ headersTimeout: 30_000, requestTimeout: 30_000 })
  })

  it('is disconnected after its 408, even when it keeps its side open', async () => {
    const server = createServer({ requestTimeout: 50, headersTimeout: 50, connectionsCheckingInterval: 20 })
    server.on('clientError', answerClientError)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const accepted = once(server, 'connection') as Promise<[Socket]>
    const client = connect({
      port: (server.address() as AddressInfo).port,
      host: '127.0.0.1',
      allowHalfOpen: true,
    })
    client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-le')
    const [socket] = await accepted
    const [answer] = (await once(client, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1.1 408 .*"code":"REQUEST_TIMEOUT"/s)
    // The client neither ends nor reads: the server must let go by itself, or this waits for ever.
    await once(socket, 'close')
    client.destroy()
    server.close()
  })
})
