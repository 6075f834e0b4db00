import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createSecureServer } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { LoadTls } from '../../load/target/load-tls.ts'
import type { PreparedLoad } from './prepare-load.ts'
import { tryTarget } from './try-target.ts'

const servers: Server[] = []
afterEach(() => servers.splice(0).forEach((server) => server.close()))

async function portOf(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const insecure: LoadTls = { caFile: null, insecure: true }
const prepared = (url: string, tls?: LoadTls): PreparedLoad =>
  ({
    loaded: { profile: { requests: [{ id: 'root', status: 200 }] } },
    plan: { url, timeoutMs: 2000, ...(tls === undefined ? {} : { tls }) },
    sequence: () => ({ op: 'root', method: 'GET', path: '/' }),
  }) as unknown as PreparedLoad

test('a target whose certificate is not checked is loaded with a warning, another without', async () => {
  const url = `http://127.0.0.1:${await portOf(createServer((_, answer) => answer.end('{}')))}`
  const warned = await tryTarget(prepared(url, insecure), undefined, 'open')
  expect(warned.notes).toEqual([expect.stringMatching(/^--insecure: the certificate .* is not checked; /)])
  expect((await tryTarget(prepared(url), undefined, 'open')).notes).toEqual([])
})

test.skipIf(spawnSync('openssl', ['version']).status !== 0)(
  'a target that speaks HTTP/2 alone is loaded by k6, which speaks it, and by no other engine (needs openssl)',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'forgebench-http2-'))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const made = ['-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', cert]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...made], { stdio: 'ignore' })
    const port = await portOf(createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }))
    rmSync(folder, { recursive: true })
    const target = prepared(`https://127.0.0.1:${port}`, insecure)
    for (const engine of ['open', 'autocannon'] as const) {
      await expect(tryTarget(target, undefined, engine)).rejects.toMatchObject({ code: 'TARGET_HTTP2_ONLY' })
    }
    expect((await tryTarget(target, undefined, 'k6')).notes).toEqual([
      expect.stringContaining('--insecure'),
      expect.stringContaining('speaks HTTP/2 alone: it was not tried'),
    ])
  },
)
