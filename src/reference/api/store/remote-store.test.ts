import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { overStore } from '../../../../fixtures/servers/reference-api.ts'
import { seededCopy } from '../../../../fixtures/servers/seeded-copy.ts'
import { findSqld, startSqld } from '../../../target/server/sqld-process.ts'
import { openStore } from './open-store.ts'
import { RemoteStore } from './remote-store.ts'
import { startApi } from '../server/start-api.ts'

let server: Server | undefined
afterEach(() => void server?.close())

/** A server that answers everything with one status. */
async function answering(status: number): Promise<string> {
  const started = createServer((request, response) => {
    request.resume()
    response.writeHead(status, { 'content-type': 'text/plain' }).end('Too many concurrent requests')
  })
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
  server = started
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`
}

const prompt = { title: 't', content: 'c', user_id: 'u' }

describe('a database server', () => {
  it.each([
    [429, 503, 'DATABASE_BUSY', '1'],
    [503, 503, 'DATABASE_BUSY', '1'],
    [401, 500, 'DATABASE_FAILED', undefined],
    [500, 500, 'DATABASE_FAILED', undefined],
  ])(
    'that answers %i makes the API answer %i %s, to reads and writes alike',
    async (status, answered, code, retry) => {
      const { send, close } = overStore(
        new RemoteStore({ kind: 'remote', url: await answering(status) }, undefined),
      )
      for (const answer of [
        await send('GET', '/api/v1/prompts'),
        await send('POST', '/api/v1/prompts', prompt),
      ]) {
        expect(answer.statusCode).toBe(answered)
        expect(answer.json()).toMatchObject({ error: { code } })
        expect(answer.headers['retry-after']).toBe(retry)
      }
      await close()
    },
  )

  it.each([
    ['http', 'http://127.0.0.1:9'],
    ['WebSocket', 'ws://127.0.0.1:9'],
  ])('that is not there is named in one line with the fix, over %s', async (_name, url) => {
    await expect(openStore({ kind: 'remote', url }, 'a secret token')).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
      exit: 5,
      message: `${url}: cannot be reached; is the server running, and the URL right?`,
    })
  })

  it('that refuses the token is told apart', async () => {
    const url = await answering(401)
    await expect(openStore({ kind: 'remote', url }, 'a secret token')).rejects.toMatchObject({
      code: 'TARGET_TOKEN_INVALID',
      exit: 5,
      message: expect.stringMatching(/refuses the token: .* --auth-token-env$/),
    })
  })
})

describe.skipIf((await findSqld()) === undefined)('a libSQL server (needs sqld)', () => {
  it('is served without statistics, and says what it is', async () => {
    const copy = await seededCopy()
    const sqld = await startSqld({ databasePath: copy.path })
    const location = { kind: 'remote', url: sqld.url } as const
    const api = await startApi({ location, port: 0, host: '127.0.0.1' })
    expect(api.facts).toMatchObject({
      database: sqld.url,
      server: expect.stringMatching(/^sqld /),
      schema: 'initial',
      statistics: 'none',
      journal_mode: 'wal',
    })
    expect((await fetch(`${api.url}/api/v1/prompts?limit=1`)).status).toBe(200)
    await api.close()
    await sqld.stop()
    copy.remove()
  })

  it('without the schema is refused with the fix', async () => {
    const sqld = await startSqld()
    await expect(openStore({ kind: 'remote', url: sqld.url }, undefined)).rejects.toMatchObject({
      code: 'API_SCHEMA',
      exit: 2,
      message: expect.stringContaining('lacks the table prompts'),
    })
    await sqld.stop()
  })
})
