import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { ForgebenchError } from '../core/errors.ts'
import { preflight, type PreflightRequest } from './preflight.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function listen(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const answering = (listener: RequestListener): Promise<number> => listen(createServer(listener))

const tryUrl = (url: string, wanted: Partial<PreflightRequest> = {}): Promise<string> =>
  preflight({
    url,
    path: '/api/v1/prompts?limit=20',
    status: 200,
    timeoutMs: 2000,
    token: undefined,
    ...wanted,
  }).then(
    ({ server }) => `fine ${JSON.stringify(server)}`,
    (error: unknown) =>
      error instanceof ForgebenchError ? `${error.exit}: ${error.message}` : `not ours: ${String(error)}`,
  )

const tryPort = (port: number, wanted: Partial<PreflightRequest> = {}): Promise<string> =>
  tryUrl(`http://127.0.0.1:${port}`, wanted)

const json = (status: number, body: unknown, headers: Record<string, string> = {}): RequestListener => {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }
}

describe('preflight', () => {
  test('an API that answers as expected is fine, and says what it is', async () => {
    const port = await answering((request, response) => {
      const body =
        request.url === '/health' ? { status: 'ok', database: { sqlite: '3.45.1', open: true } } : {}
      json(200, body, { server: 'test/1' })(request, response)
    })
    expect(await tryPort(port)).toBe('fine {"server":"test/1","status":"ok","sqlite":"3.45.1"}')
  })

  test('a status that the profile expects is fine, whatever it is', async () => {
    expect(await tryPort(await answering(json(404, {})), { status: 404 })).toBe('fine {}')
    expect(await tryPort(await answering(json(500, {})), { status: null })).toBe('fine {}')
  })

  test.each<readonly [string, RequestListener, string]>([
    ['404', json(404, {}), '2: GET /api/v1/prompts answers 404: the path below --url is wrong, or'],
    [
      'a redirect',
      json(301, {}, { location: 'https://me:secret@elsewhere/x' }),
      '2: GET /api/v1/prompts answers 301, elsewhere: https://elsewhere/x; put that address into --url',
    ],
    ['401', json(401, {}), '2: GET /api/v1/prompts answers 401; put a token into an environment variable'],
    ['403', json(403, {}), '2: GET /api/v1/prompts answers 403; put a token into an environment variable'],
    ['500', json(500, { error: 'disk' }), '5: GET /api/v1/prompts answers 500: {"error":"disk"}'],
    ['418', json(418, {}), '2: GET /api/v1/prompts answers 418 where the profile expects 200'],
    [
      'a web page',
      (_, response) => void response.setHeader('content-type', 'text/html').end('<p>'),
      '2: GET /api/v1/prompts answers a page of HTML where JSON is due',
    ],
    [
      'a web page in disguise',
      (_, response) => void response.end('<!doctype html>'),
      'answers a page of HTML where JSON is due',
    ],
    [
      'a connection that is closed',
      (request) => void request.socket.destroy(),
      '5: 127.0.0.1:PORT took the connection and gave no HTTP answer',
    ],
    [
      'half an answer',
      (request, response) => {
        response.writeHead(200, { 'content-length': 9 }).write('{')
        setTimeout(() => request.socket.destroy(), 20)
      },
      '5: 127.0.0.1:PORT took the connection and gave no HTTP answer',
    ],
  ])('%s is one line with the remedy', async (_name, listener, message) => {
    const port = await answering(listener)
    const found = await tryPort(port)
    expect(found).toContain(message.replace('PORT', String(port)))
    expect(found).not.toMatch(/\n|secret/)
  })

  test('a token is sent, and never repeated', async () => {
    const port = await answering((request, response) =>
      json(request.headers.authorization === 'Bearer hunter2' ? 200 : 401, {})(request, response),
    )
    expect(await tryPort(port, { token: 'hunter2' })).toBe('fine {}')
    expect(await tryPort(port, { token: 'hunter3' })).toBe(
      '2: GET /api/v1/prompts answers 401; the token that --auth-token-env names is not accepted',
    )
  })

  test('nobody listening, and a name without address', async () => {
    const server = createServer()
    const port = await listen(server)
    await new Promise((resolve) => server.close(resolve))
    expect(await tryPort(port)).toBe(
      `5: nothing listens on 127.0.0.1:${port}; start the API (forgebench serve) or mend --url`,
    )
    expect(await tryUrl('http://no-such-host.invalid')).toContain(
      '5: no address is known for no-such-host.invalid',
    )
  })

  test('an answer that never comes', async () => {
    const port = await answering(() => undefined)
    expect(await tryPort(port, { timeoutMs: 200 })).toContain(
      `5: 127.0.0.1:${port} gave no answer within 200 ms`,
    )
  })

  test('something that is no HTTP, and TLS where there is none', async () => {
    const port = await listen(createTcpServer((socket) => socket.end('220 mail ready\r\n')))
    expect(await tryPort(port)).toMatch(
      /^5: .* gave no HTTP answer \(.+\); is it https:\/\/ in place of http:\/\/\?/,
    )
    expect(await tryUrl(`https://127.0.0.1:${await answering(json(200, {}))}`)).toMatch(
      /^5: .*is it http:\/\/ in place of https:\/\/\?/,
    )
  })
})

const canMakeCertificates = ((): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

describe.skipIf(!canMakeCertificates)('preflight over TLS (needs openssl)', () => {
  const certified = (): { key: Buffer; cert: Buffer } => {
    const folder = mkdtempSync(join(tmpdir(), 'forgebench-tls-'))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost']
    execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    const made = { key: readFileSync(key), cert: readFileSync(cert) }
    rmSync(folder, { recursive: true })
    return made
  }

  test('a certificate that nobody trusts, and HTTP where TLS is spoken', async () => {
    const port = await listen(createTlsServer(certified(), json(200, {})))
    expect(await tryUrl(`https://127.0.0.1:${port}`)).toMatch(
      /^5: the certificate of 127.0.0.1:\d+ is not trusted \(\w+\); name its authority with NODE_EXTRA_CA_CERTS=ca.pem/,
    )
    expect(await tryPort(port)).toMatch(/^5: .*is it https:\/\/ in place of http:\/\/\?/)
  })
})
