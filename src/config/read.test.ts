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

  test.each([
    ['export default { laod: {} }', 'laod: unknown field; did you mean load?'],
    ['export default { load: { allowHost: [] } }', 'load.allowHost: unknown field; did you mean allowHosts?'],
    ['export default { load: { allowHosts: "a" } }', 'load.allowHosts: must be array, not string'],
    ['export default { load: { allowHosts: ["http://a/"] } }', 'load.allowHosts[0]: must be a host alone'],
    ['export default 5', 'default export: must be object, not number'],
    ['export const load = {}', 'has no default export; write: export default defineConfig({ … })'],
    ['export default {', 'syntax error'],
  ])('%s is one clear line', async (text, message) => {
    const found = await messageOf(text)
    expect(found).toContain('forgebench.config.ts:')
    expect(found).toContain(message)
    expect(found).not.toContain('\n')
  })
})
