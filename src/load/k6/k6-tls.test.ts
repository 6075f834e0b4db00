import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planOf } from '../../../fixtures/load/send-here.ts'
import { hasK6 } from '../../../fixtures/load/has-k6.ts'
import { k6Engine } from './k6-engine.ts'

const canTry = hasK6 && spawnSync('openssl', ['version']).status === 0

const profile = `export default {
  title: 'Rows over TLS', why: 'A test.',
  data: { file: 'rows.json', tables: { names: { table: 'things', columns: ['name'], rows: 1 } } },
  requests: [{ id: 'get', title: 'a thing', method: 'GET', path: ({ row }) => '/' + row('names').name, status: 200 }],
  mixes: { all: { get: 1 } },
  thresholds: {},
}
`

test.skipIf(!canTry)(
  'k6 trusts the certificates of --ca-file, and any with --insecure; rows may begin with a byte order mark (needs k6, openssl)',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'forgebench-k6-tls-'))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    const files = ['-nodes', '-days', '2', '-keyout', key, '-out', cert]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...files, ...subject], {
      stdio: 'ignore',
    })
    const [profilePath, dataPath] = [join(folder, 'own.ts'), join(folder, 'rows.json')]
    writeFileSync(profilePath, profile)
    writeFileSync(dataPath, '\ufeff{ "names": [{ "name": "a" }] }')
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, answer) =>
      answer.end('{}'),
    )
    await new Promise<void>((resolve) => void server.listen(0, 'localhost', resolve))
    const plan = planOf(`https://localhost:${(server.address() as AddressInfo).port}`, {
      profilePath,
      dataPath,
      mix: 'all',
      model: { kind: 'open-model', ratePerSec: 50, spacing: 'uniform' },
    })
    const statuses = async (tls: (typeof plan)['tls']): Promise<readonly string[]> => {
      const quiet = { signal: new AbortController().signal, emit: () => undefined }
      const { accounting } = await k6Engine({ ...plan, tls }, quiet)
      return accounting.flatMap(({ answered }) => Object.keys(answered))
    }
    expect(await statuses(undefined)).toEqual([])
    expect(await statuses({ caFile: cert, insecure: false })).toEqual(['200'])
    expect(await statuses({ caFile: null, insecure: true })).toEqual(['200'])
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  },
)
