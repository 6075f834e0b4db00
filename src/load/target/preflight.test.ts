import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createSecureServer as createSecureHttp2Server, createServer as createHttp2Server } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { ForgebenchError } from '../../core/errors.ts'
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
    ({ server, notes }) => [`fine ${JSON.stringify(server)}`, ...notes].join('; '),
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
      '2: GET /api/v1/prompts answers 301, elsewhere: https://***@elsewhere/x; put that address into --url',
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
      '5: GET /api/v1/prompts answers 200, but the connection was closed after 1 of the 9 bytes announced',
    ],
    [
      'half an answer in chunks',
      (request, response) => {
        response.writeHead(200).write('{')
        setTimeout(() => request.socket.destroy(), 20)
      },
      'answers 200, but the connection was closed after 1 bytes of its body, before the end',
    ],
  ])('%s is one line with the fix', async (_name, listener, message) => {
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
      `5: nothing listens on 127.0.0.1:${port}; start the API (forgebench serve) or fix --url`,
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

  test.each([
    [
      '100 Continue that nobody asked for',
      'HTTP/1.1 100 Continue\r\n\r\n',
      200,
      'an unrequested interim answer 100',
    ],
    [
      '103 Early Hints',
      'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n',
      200,
      'an unrequested interim answer 103',
    ],
    [
      '204 with a length',
      'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n',
      204,
      'announces 5 bytes with a 204',
    ],
    [
      'headers of 40 kB',
      `HTTP/1.1 200 OK\r\nx-large: ${'a'.repeat(40_000)}\r\nContent-Length: 0\r\n\r\n`,
      200,
      'headers have 41 kB',
    ],
  ])('%s is a note, and the load goes on', async (_name, bytes, status, note) => {
    const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'
    const isInterim = /^HTTP\/1.1 1/.test(bytes)
    const port = await listen(
      createTcpServer((socket) => {
        socket.on('error', () => undefined)
        socket.on('data', () => socket.write(isInterim ? bytes + ok : bytes))
      }),
    )
    const found = await tryPort(port, { status })
    expect(found).toMatch(/^fine \{\}; /)
    expect(found).toContain(note)
  })

  test('an answer against the rules of HTTP is told from none', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'
    const port = await listen(createTcpServer((socket) => void socket.once('data', () => socket.end(answer))))
    expect(await tryPort(port)).toMatch(
      /^5: 127.0.0.1:\d+ answered, but not as HTTP\/1.1 has it \(HPE_\w+: .+\)/,
    )
  })

  test('a server that speaks HTTP/2 alone is named as such', async () => {
    const port = await listen(createHttp2Server())
    expect(await tryPort(port)).toMatch(
      /^5: 127.0.0.1:\d+ speaks HTTP\/2 alone, and these engines send HTTP\/1.1/,
    )
  })

  test('something that is no HTTP, and TLS where there is none', async () => {
    const port = await listen(createTcpServer((socket) => socket.end('220 mail ready\r\n')))
    expect(await tryPort(port)).toMatch(
      /^5: .* gave no HTTP answer \(.+\), but «220 mail ready»; is it https:\/\/ in place of http:\/\/\?/,
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
  const folder = mkdtempSync(join(tmpdir(), 'forgebench-tls-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  const certified = (): { key: Buffer; cert: Buffer } => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost']
    execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    return { key: readFileSync(key), cert: readFileSync(cert) }
  }

  test('a certificate that nobody trusts, and HTTP where TLS is spoken', async () => {
    const port = await listen(createTlsServer(certified(), json(200, {})))
    expect(await tryUrl(`https://127.0.0.1:${port}`)).toMatch(
      /^5: the certificate of 127.0.0.1:\d+ is not trusted \(\w+\); name its authority with --ca-file ca\.pem/,
    )
    expect(await tryPort(port)).toMatch(/^5: .*is it https:\/\/ in place of http:\/\/\?/)
  })

  test('a certificate of --ca-file is trusted for its host alone, and with --insecure none is checked', async () => {
    const port = await listen(createTlsServer(certified(), json(200, {})))
    const caFile = join(folder, 'cert.pem')
    const trusted = { tls: { caFile, insecure: false } }
    expect(await tryUrl(`https://localhost:${port}`, trusted)).toBe('fine {}')
    expect(await tryUrl(`https://127.0.0.1:${port}`, trusted)).toContain('ERR_TLS_CERT_ALTNAME_INVALID')
    const unchecked = { tls: { caFile: null, insecure: true } }
    expect(await tryUrl(`https://127.0.0.1:${port}`, unchecked)).toBe('fine {}')
  })

  test('a file that is no certificate is refused in one line', async () => {
    const wrong = (caFile: string) => tryUrl('https://127.0.0.1:1', { tls: { caFile, insecure: false } })
    expect(await wrong(join(folder, 'gone.pem'))).toMatch(
      /^2: --ca-file .*gone.pem: cannot be read \(no such file\)$/,
    )
    expect(await wrong(join(folder, 'key.pem'))).toMatch(
      /^2: --ca-file .*key.pem: holds no certificate in PEM/,
    )
  })

  test('a server that speaks HTTP/2 alone over TLS is named as such', async () => {
    const port = await listen(createSecureHttp2Server(certified()))
    expect(await tryUrl(`https://localhost:${port}`, { tls: { caFile: null, insecure: true } })).toMatch(
      /^5: localhost:\d+ speaks HTTP\/2 alone, .* --engine k6, which speaks HTTP\/2 over TLS$/,
    )
  })
})
