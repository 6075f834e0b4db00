import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { buildOnce } from '../../fixtures/cli/forgebench.ts'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))

/** What a built module loads at once: packages, and other modules by their paths. */
function loadedBy(path: string): {
  readonly packages: readonly string[]
  readonly modules: readonly string[]
} {
  const text = readFileSync(path, 'utf8')
  const names = [...text.matchAll(/^(?:import|export)\b(?:[^'"]*?\bfrom)?\s*['"]([^'"]+)['"]/gm)].map(
    ([, name = '']) => name,
  )
  return {
    packages: names.filter((name) => !name.startsWith('.') && !name.startsWith('node:')),
    modules: names.filter((name) => name.startsWith('.')).map((name) => join(dirname(path), name)),
  }
}

/** Packages that are loaded with a module, before anything is called. */
function packagesOf(entry: string): readonly string[] {
  const seen = new Set<string>()
  const found = new Set<string>()
  const waiting = [entry]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    const { packages, modules } = loadedBy(next)
    for (const name of packages)
      found.add(
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      )
    waiting.push(...modules)
  }
  return [...found].toSorted()
}

const commands = [
  'run',
  'list',
  'explain',
  'migrate',
  'statistics',
  'seed',
  'serve',
  'load',
  'gate',
  'calibrate',
  'report',
]

/** A command with modes has a folder. */
const fileOf = (verb: string): string =>
  [join(dist, 'commands', verb, `${verb}.js`), join(dist, 'commands', `${verb}.js`)].find(existsSync) ?? verb

/** Packages that take tens of milliseconds to load, and the commands that need each whatever they are asked. */
const needed: Readonly<Record<string, readonly string[]>> = {
  '@faker-js/faker': ['seed'],
  '@fastify/swagger': ['serve'],
  '@libsql/client': [],
  autocannon: [],
  fastify: ['serve'],
  'prom-client': ['serve'],
}

beforeAll(buildOnce)

test('help loads nothing but the parser of command lines', () => {
  expect(packagesOf(join(dist, 'cli.js'))).toEqual(['commander'])
})

test.each(Object.entries(needed))('%s is loaded by %j alone', (name, by) => {
  const loading = commands.filter((verb) => packagesOf(fileOf(verb)).includes(name))
  expect(loading).toEqual(by)
})
