import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { asRemoteError } from './remote-error.ts'
import { RemoteConnection } from './remote.ts'
import { findSqld, startSqld, type RunningSqld } from '../server/sqld-process.ts'

let fake: Server | undefined
afterEach(() => void fake?.close())

/** A server that answers every request alike, as `/v2/pipeline` would. */
async function answering(status: number, body: object): Promise<string> {
  const started = createServer((request, response) => {
    request.resume()
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
  fake = started
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`
}

const remote = (url: string): RemoteConnection =>
  new RemoteConnection({ kind: 'remote', url }, { concurrency: 4 })

/** What Hrana says of one statement that failed. */
const refusal = (code: string): object => ({
  baton: null,
  base_url: null,
  results: [
    { type: 'error', error: { message: `said the server\nof ${code}`, code } },
    { type: 'ok', response: { type: 'close' } },
  ],
})

describe('what a libSQL server says, as our codes', () => {
  it.each([
    [200, refusal('SQLITE_BUSY'), 'TARGET_BUSY', 'locked by another writer'],
    [200, refusal('TRANSACTION_TIMEOUT'), 'TARGET_TRANSACTION_TIMEOUT', 'make it shorter'],
    [400, { code: 'STREAM_EXPIRED', message: 'expired' }, 'TARGET_STREAM_EXPIRED', 'idle for too long'],
    [200, refusal('RESPONSE_TOO_LARGE'), 'TARGET_RESPONSE_TOO_LARGE', 'LIMIT'],
    [200, refusal('BLOCKED'), 'TARGET_BLOCKED', 'quota'],
    [200, refusal('SQLITE_CONSTRAINT_UNIQUE'), 'TARGET_CONSTRAINT', 'said the server'],
    [429, { error: 'Too many concurrent requests' }, 'TARGET_OVERLOADED', 'lower the concurrency'],
    [401, { error: 'Unauthorized' }, 'TARGET_TOKEN_MISSING', '--auth-token-env'],
    [403, { error: 'Forbidden' }, 'TARGET_DENIED', '--auth-token-env'],
    [404, { error: 'Namespace `x` does not exist' }, 'TARGET_NOT_FOUND', 'no such database'],
    [500, { error: 'Internal' }, 'TARGET_FAILED', 'HTTP status 500'],
    [502, { error: 'Bad gateway' }, 'TARGET_UNREACHABLE', 'is the server running'],
    [503, { error: 'Unavailable' }, 'TARGET_OVERLOADED', 'try again later'],
    [504, { error: 'Timeout' }, 'TARGET_UNREACHABLE', 'is the server running'],
  ])('%i %j is %s', async (status, body, code, text) => {
    const url = await answering(status, body)
    const connection = remote(url)
    const error = await connection.query('SELECT 1').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code, exit: 5, message: expect.stringContaining(text) })
    expect((error as Error).message).toMatch(/^http:\/\/127\.0\.0\.1:\d+: [^\n]+$/)
    connection.close()
  })

  it('an error of ours stays what it is', () => {
    const ours = asRemoteError(new Error('x'), 'http://a')
    expect(asRemoteError(ours, 'http://b')).toBe(ours)
  })
})

const twelveMegabytes =
  'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) SELECT hex(randomblob(5000)) FROM n'

describe.skipIf((await findSqld()) === undefined)('a libSQL server (needs sqld)', () => {
  let server: RunningSqld
  beforeAll(async () => {
    server = await startSqld()
  })
  afterAll(() => server.stop())

  it('gives no answer that is too large', async () => {
    const connection = remote(server.url)
    await expect(connection.query(twelveMegabytes)).rejects.toMatchObject({
      code: 'TARGET_RESPONSE_TOO_LARGE',
    })
    expect((await connection.query('SELECT 1')).rows).toEqual([[1]])
    connection.close()
  })

  it('is told apart from one that is no longer there', async () => {
    const ended = await startSqld()
    const overSocket = remote(ended.url.replace('http', 'ws'))
    expect((await overSocket.query('SELECT 1')).rows).toEqual([[1]])
    await ended.stop()
    for (const connection of [overSocket, remote(ended.url)]) {
      await expect(connection.query('SELECT 1')).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' })
      connection.close()
    }
  })
})
