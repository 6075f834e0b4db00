import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

interface Rule {
  readonly name: string
  readonly from: { readonly path?: string }
  readonly to: { readonly path?: string; readonly pathNot?: string | readonly string[] }
}

const root = fileURLToPath(new URL('..', import.meta.url))
const config = (await import(new URL('../.dependency-cruiser.mjs', import.meta.url).href)) as {
  default: { forbidden: readonly Rule[] }
}
const rules = config.default.forbidden

/** Modules that break one rule each, by the path of the importer. */
const imports = new Map<string, string>([
  ['src/core/one.ts', './two.ts'],
  ['src/core/two.ts', './one.ts'],
  ['src/commands/alpha.ts', './beta.ts'],
  ['src/commands/beta.ts', 'node:path'],
  ['src/engine/run/driver.ts', '@libsql/client'],
  ['src/stats/file.ts', 'node:fs'],
  ['src/core/leaf.test.ts', 'node:path'],
  ['src/core/branch.ts', './leaf.test.ts'],
  ['src/core/development.ts', 'vitest'],
  ['bench/closed.ts', 'node:path'],
  ['src/core/shipped.ts', '../../bench/closed.ts'],
  ['scenarios/back-door.ts', '../src/core/one.ts'],
])

/** What a room must not enter: a module of the first folder that its rule closes, or of a folder still to come. */
function closedTo(room: string, { to }: Rule): string {
  const known = rules.flatMap((rule) => folderOf(rule) ?? [])
  const folders = ['src/commands', ...known, `${dirname(room)}/newcomer`]
  const open = [to.pathNot ?? []].flat().map((pattern) => new RegExp(pattern))
  const found = folders.find((folder) => {
    const path = `${folder}/closed.ts`
    return new RegExp(to.path ?? '').test(path) && !open.some((pattern) => pattern.test(path))
  })
  if (found === undefined) throw new Error('a rule that closes nothing')
  return `${found}/closed.ts`
}

const folderOf = ({ name, from }: Rule): string | undefined =>
  name.endsWith('-doors') ? from.path?.replace(/^\^|\/$/g, '') : undefined

let folder = ''
let broken: ReadonlyMap<string, readonly string[]> = new Map()

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'doors-'))
  for (const rule of rules) {
    const room = folderOf(rule)
    if (room === undefined) continue
    const closed = closedTo(room, rule)
    imports.set(closed, 'node:path')
    imports.set(`${room}/intruder.ts`, `./${relative(room, closed)}`)
  }
  for (const [path, imported] of imports) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), `import '${imported}'\nexport const here = 1\n`)
  }
  for (const name of ['.dependency-cruiser.mjs', 'tsconfig.json', 'package.json']) {
    copyFileSync(join(root, name), join(folder, name))
  }
  for (const name of ['@libsql/client', 'vitest']) {
    const installed = join(folder, 'node_modules', name)
    mkdirSync(installed, { recursive: true })
    writeFileSync(join(installed, 'package.json'), JSON.stringify({ name, main: 'index.js' }))
    writeFileSync(join(installed, 'index.js'), '')
  }
  const cruise = join(root, 'node_modules/.bin/depcruise')
  const args = ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'src', 'bench', 'scenarios']
  const { stdout } = spawnSync(cruise, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1e8 })
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { from: string; rule: { name: string } }[] }
  }
  const names = new Map<string, string[]>()
  for (const { from, rule } of summary.violations) {
    names.set(rule.name, [...(names.get(rule.name) ?? []), from])
  }
  broken = names
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(rules.map((rule) => [rule.name, rule] as const))(
  '%s: a deliberate violation fails',
  (name, rule) => {
    const room = folderOf(rule)
    expect(broken.get(name) ?? []).not.toEqual([])
    if (room !== undefined) expect(broken.get(name)).toContain(`${room}/intruder.ts`)
  },
)
