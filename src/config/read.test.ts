import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UsageError } from '../core/errors.ts'
import { readConfig } from './read.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-config-'))
})
afterEach(() => rm(folder, { recursive: true }))

const messageOf = async (text: string): Promise<string> => {
  await writeFile(join(folder, 'forgebench.config.ts'), text)
  return readConfig(folder).then(
    (config) => `read ${JSON.stringify(config)}`,
    (error: unknown) => (error instanceof UsageError ? error.message : `not a UsageError: ${String(error)}`),
  )
}

describe('readConfig', () => {
  test('a folder without a configuration has an empty one', async () => {
    expect(await readConfig(folder)).toEqual({})
  })

  test('a TypeScript file that imports forgebench is read as it stands', async () => {
    const text =
      "import { defineConfig } from 'forgebench'\nexport default defineConfig({ load: { allowHosts: ['staging.example.org', '::1'] } })\n"
    expect(await messageOf(text)).toBe('read {"load":{"allowHosts":["staging.example.org","::1"]}}')
  })

  test('budgets and thresholds come back as they are', async () => {
    const text =
      "export default { gate: { budgets: { tiny: [{ variant: 'a', bytes: 5 }] }, thresholds: { http_req_failed: ['rate<0.001'] } } }"
    expect(await messageOf(text)).toBe(
      'read {"gate":{"budgets":{"tiny":[{"variant":"a","bytes":5}]},"thresholds":{"http_req_failed":["rate<0.001"]}}}',
    )
  })

  test('every mistake is told, one a line', async () => {
    const text =
      "export default { laod: {}, gate: { budgets: { tiny: [{ variant: 'a', bytes: 0 }, { variant: 'a' }] }, thresholds: { x: ['p(95)<200'] } } }"
    const lines = (await messageOf(text)).split('\n')
    expect(lines).toHaveLength(5)
    expect(lines[0]).toBe('forgebench.config.ts: 4 mistakes')
  })

  test.each([
    ['export default { laod: {} }', 'laod: unknown field; did you mean load?'],
    ['export default { load: { allowHost: [] } }', 'load.allowHost: unknown field; did you mean allowHosts?'],
    ['export default { load: { allowHosts: "a" } }', 'load.allowHosts: must be array, not string'],
    ['export default { load: { allowHosts: ["http://a/"] } }', 'load.allowHosts[0]: must be a host alone'],
    ['export default { gate: { budget: {} } }', 'gate.budget: unknown field; did you mean budgets?'],
    [
      "export default { gate: { budgets: { tiny: [{ variant: 'a', operation: 'Q1', vmStep: 5 }] } } }",
      'gate.budgets.tiny[0].vmStep: unknown field; did you mean vmSteps?',
    ],
    [
      "export default { gate: { budgets: { tiny: { variant: 'a', bytes: 5 } } } }",
      'gate.budgets.tiny: must be array, not object',
    ],
    [
      "export default { gate: { thresholds: { http_req_duratio: ['p(95)<200'] } } }",
      'no metric http_req_duratio; did you mean http_req_duration?',
    ],
    [
      "export default { gate: { thresholds: { http_req_failed: [{ threshold: 'rate<0.1', abortOnFail: true }] } } }",
      "gate.thresholds['http_req_failed'][0]: abortOnFail ends a load while it runs, and this is judged afterwards",
    ],
    [
      "export default { gate: { thresholds: { http_req_duration: 'p(95)<200' } } }",
      "gate.thresholds['http_req_duration']: must be a list of texts",
    ],
    ['export default 5', 'default export: must be object, not number'],
    ['export const load = {}', 'has no default export; write: export default defineConfig({ … })'],
    [
      'export default { get load() { throw new Error("no") } }',
      'throws when it is read: no; write plain values',
    ],
    ['export default {', 'syntax error'],
  ])('%s is one clear line', async (text, message) => {
    const found = await messageOf(text)
    expect(found).toContain('forgebench.config.ts:')
    expect(found).toContain(message)
    expect(found).not.toContain('\n')
  })
})
