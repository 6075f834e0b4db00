import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { childEnvironment } from './child-environment.ts'

const ours = {
  PATH: '/bin',
  Path: 'C:\\bin',
  https_proxy: 'http://proxy:3128',
  LC_ALL: 'C',
  FORGEBENCH_CACHE: '/cache',
  FORGEBENCH_TOKEN: 'a',
  NODE_EXTRA_CA_CERTS: 'ca.pem',
  API_TOKEN: 'b',
  AWS_SECRET_ACCESS_KEY: 'c',
  GITHUB_TOKEN: 'd',
  ANYTHING: 'e',
  UNSET: undefined,
}

test('a child is given what every program needs, and no secret', () => {
  expect(Object.keys(childEnvironment([], ours)).toSorted()).toEqual([
    'FORGEBENCH_CACHE',
    'LC_ALL',
    'NODE_EXTRA_CA_CERTS',
    'PATH',
    'Path',
    'https_proxy',
  ])
})

test('a child is given the token that it sends, by its name', () => {
  expect(childEnvironment(['API_TOKEN', 'UNSET', null], ours)).toMatchObject({ API_TOKEN: 'b' })
  expect(childEnvironment(['API_TOKEN'], ours)).not.toHaveProperty('GITHUB_TOKEN')
})

/** Modules that start processes, by name. */
const starters = (): readonly (readonly [name: string, text: string])[] => {
  const sources = fileURLToPath(new URL('..', import.meta.url))
  return readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.test|\.bench)\.ts$/.test(name))
    .map((name) => [name, readFileSync(join(sources, name), 'utf8')] as const)
    .filter(([, text]) => /^import \{(?! type )[^}]*\} from 'node:(child_process|cluster)'/m.test(text))
}

test('every module that starts a process says which environment it is given', () => {
  const names = starters().map(([name]) => name)
  expect(names).toContain('measure/child-process.ts')
  expect(names.length).toBeGreaterThan(5)
  const whole = starters().filter(
    ([, text]) => !/\benv[:,]/.test(text) || /\benv: (?:\{ )?(?:\.\.\.)?process\.env/.test(text),
  )
  // The command that fills a dataset is the user's own program.
  expect(whole.map(([name]) => name)).toEqual(['stage/run-fill-command.ts'])
})
