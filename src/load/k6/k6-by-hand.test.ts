import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRecordingServer } from '../../../fixtures/servers/recording-server.ts'
import { scenariosFolder } from '../../scenario/built-in.ts'
import { findK6 } from './find-k6.ts'
import { k6ScriptPath, scriptText } from './k6-script.ts'

const k6 = await findK6().catch(() => undefined)
/** Thresholds that a busy machine does not break. */
const patient = JSON.stringify({ http_req_duration: ['p(95)<3000'], http_req_failed: ['rate<0.001'] })
const ours = join(scenariosFolder, 'load', 'prompts-api.k6.ts')

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** `k6 run -e NAME=value … script`, as a person types it. */
const run = (script: string, variables: Readonly<Record<string, string>>): Promise<Ended> =>
  new Promise((resolve) => {
    const told = Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    const args = ['run', '--quiet', '--no-usage-report', ...told, script]
    execFile(k6?.path ?? '', args, { env: {} }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })

describe.skipIf(k6 === undefined)('a script run by hand (needs k6)', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'forgebench-by-hand-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('passes, and shows what it measured', async () => {
    const server = await startRecordingServer()
    const { code, stdout, stderr } = await run(ours, {
      BASE_URL: server.url,
      RATE: '60',
      DURATION: '2',
      MIX: 'full',
      THRESHOLDS: patient,
    })
    await server.close()
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^The API of prompts and evaluations: mix full, seed 1, 2 s$/m)
    expect(stdout).toMatch(/^user-list +\d+ +0( +\d+\.\d\d){4}$/m)
    expect(stdout).toContain('never sent (dropped iterations): 0')
    expect(stdout).toContain('✓ slow_over_3000ms rate<=0.05')
  })

  it('leaves the warm-up out of its verdict', async () => {
    const start = Date.now()
    // Slow and wrong at first, as a cold server is.
    const server = await startRecordingServer(({ method }) =>
      Date.now() - start < 1500
        ? { status: 503, delayMs: 3200 }
        : { status: { POST: 201, DELETE: 204 }[method] ?? 200 },
    )
    const stages = [
      { seconds: 3, fromLevel: 1, toLevel: 1 },
      { seconds: 1, fromLevel: 1, toLevel: 1 },
    ]
    const variables = {
      BASE_URL: server.url,
      RATE: '60',
      CONNECTIONS: '250',
      STAGES: JSON.stringify(stages),
      WARM_UP: '3',
      THRESHOLDS: patient,
    }
    const { code, stdout } = await run(ours, variables)
    await server.close()
    expect(stdout).not.toContain('✗')
    expect(code).toBe(0)
  })

  it.each([
    ['no target is there', {}, ours],
    ['every request throws', {}, 'throws.k6.ts'],
    ['more requests are due than its connections can carry', { RATE: '400', CONNECTIONS: '1' }, ours],
  ])('fails when %s', async (_, variables, script) => {
    const profile = `
      const path = () => { throw new Error('no path') }
      export default { title: 'T', why: 'W', data: { file: 'x.json', tables: {} },
        requests: [{ id: 'a', title: 'a', method: 'GET', path, status: 200 }], mixes: { all: { a: 1 } },
        thinkMs: { from: 0, to: 0 }, stages: [{ seconds: 1, level: 1 }], thresholds: {} }`
    await writeFile(join(folder, 'throws.ts'), profile)
    await writeFile(join(folder, 'x.json'), '{}')
    await writeFile(join(folder, 'throws.k6.ts'), scriptText(k6ScriptPath, './throws.ts', './throws.ts'))
    const path = script === ours ? ours : join(folder, script)
    const { code, stdout } = await run(path, { BASE_URL: 'http://127.0.0.1:1', DURATION: '1', ...variables })
    expect(stdout).toContain('✗')
    expect(code).toBe(99)
  })

  it('says in one line what is wrong with a variable', async () => {
    const { code, stderr } = await run(ours, { BASE_URL: 'localhost' })
    expect(code).toBe(107)
    expect(stderr).toContain('BASE_URL=localhost is no URL, such as http://127.0.0.1:8787')
  })
})
