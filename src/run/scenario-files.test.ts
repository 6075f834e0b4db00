import { join, resolve } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { scenarioFiles } from './scenario-files.ts'

afterEach(() => vi.unstubAllEnvs())

describe('scenarioFiles', () => {
  test('finds our own scenarios by id, and leaves out what is no file', async () => {
    vi.stubEnv('GITHUB_WORKSPACE', undefined)
    expect(await scenarioFiles(['indexes/composite', 'load/none', '', 'a b', '../package'])).toEqual({
      'indexes/composite': 'scenarios/indexes/composite.ts',
    })
  })

  test('names a file below the root of the repository, wherever the command was started', async () => {
    vi.stubEnv('GITHUB_WORKSPACE', resolve('..'))
    const here = resolve('.').split(/[\\/]/).at(-1) ?? ''
    expect(await scenarioFiles(['prompts'], { prompts: join('bench', 'prompts.ts') })).toEqual({
      prompts: `${here}/bench/prompts.ts`,
    })
  })

  test('leaves out what lies outside of the repository: an annotation cannot point there', async () => {
    vi.stubEnv('GITHUB_WORKSPACE', resolve('src'))
    expect(await scenarioFiles(['x'], { x: resolve('package.json') })).toEqual({})
  })
})
