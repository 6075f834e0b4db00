import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { injectedApi } from '../../../../fixtures/servers/reference-api.ts'
import { seededCopy, type SeededCopy } from '../../../../fixtures/servers/seeded-copy.ts'
import { forkApi } from '../server/fork-api.ts'

// Where `.ci/schemathesis` says it is.
const schemathesis = process.env['SCHEMATHESIS_BIN'] ?? ''

let copy: SeededCopy
beforeAll(async () => {
  copy = await seededCopy()
})
afterAll(() => copy.remove())

const location = () => ({ kind: 'file', path: copy.path }) as const

interface OpenApi {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>
  readonly components: { readonly schemas: object }
}

describe('/openapi.json', () => {
  it('describes every route with its inputs and answers, and nothing else', async () => {
    const api = await injectedApi(location())
    const document = (await api.send('GET', '/openapi.json')).json<OpenApi>()
    await api.close()
    expect(document.openapi).toBe('3.0.3')
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    expect(routes.toSorted()).toEqual([
      'delete /api/v1/prompts/{id}',
      'get /api/v1/evaluations/{id}',
      'get /api/v1/evaluations/{id}/score',
      'get /api/v1/prompts',
      'get /api/v1/prompts/{id}',
      'get /api/v1/prompts/{id}/evaluations',
      'get /api/v1/prompts/{id}/versions',
      'get /health',
      'get /metrics',
      'get /openapi.json',
      'patch /api/v1/prompts/{id}',
      'post /api/v1/prompts',
      'post /api/v1/prompts/{id}/evaluations',
      'post /api/v1/prompts/{id}/versions',
    ])
    expect(document.paths['/api/v1/prompts']?.['post']).toMatchObject({
      requestBody: { content: { 'application/json': { schema: { required: ['title', 'content'] } } } },
      responses: {
        201: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Prompt' } } } },
        '4XX': { content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
      },
    })
    // Every reference leads somewhere.
    const names = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    )
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(names))
  })

  it.skipIf(schemathesis === '')(
    'holds against schemathesis (needs schemathesis: bash .ci/schemathesis)',
    async () => {
      const cwd = mkdtempSync(join(tmpdir(), 'forgebench-schemathesis-'))
      const api = await forkApi({ location: location(), port: 0, host: '127.0.0.1' })
      const args = ['run', `${api.url}/openapi.json`, '--max-time', '20', '--seed', '1', '--no-color']
      const { status, output } = await new Promise<{ status: unknown; output: string }>((resolve) => {
        execFile(schemathesis, args, { cwd, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
          resolve({ status: error?.code ?? 0, output: stdout + stderr }),
        )
      })
      await api.close()
      rmSync(cwd, { recursive: true, force: true })
      const [, cases = '0'] = /(\d+) generated/.exec(output) ?? []
      expect({ status, failures: output.includes('FAILURES') ? output : '' }).toEqual({
        status: 0,
        failures: '',
      })
      expect(Number(cases)).toBeGreaterThan(0)
    },
    90_000,
  )
})
