import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildOnce, forgebench } from '../../fixtures/cli/forgebench.ts'
import { seededCopy } from '../../fixtures/servers/seeded-copy.ts'

const cwd = mkdtempSync(join(tmpdir(), 'forgebench-damaged-'))
const pageBytes = 4096

const scenario = `import { defineScenario } from 'forgebench'
export default defineScenario({ title: 'a read', why: 'a test', claims: [], statistics: ['none'],
  variants: [{ id: 'baseline', title: 'as it is', role: 'baseline', migrations: [] }],
  operations: [{ kind: 'read', id: 'one', title: 'one', sql: 'SELECT title FROM prompts WHERE id = ?',
    draw: { table: 'prompts', columns: ['id'] }, rows: { min: 1, max: 1 } }] })`

/** The driver ends the process where it reads such names; the engine takes them for what they are. */
const withoutNames = (file: Buffer): Buffer =>
  Buffer.from(
    file.toString('latin1').replaceAll('prompt_templates', '\u00ff'.repeat('prompt_templates'.length)),
    'latin1',
  )
const withoutSense = (file: Buffer): Buffer =>
  Buffer.from(file.toString('latin1').replaceAll('CREATE TABLE prompts', 'CREATE TABLX prompts'), 'latin1')
/** A third of the pages, in which rows and indexes lie, is of no kind that there is. */
const withoutPages = (file: Buffer): Buffer => {
  const third = Math.floor(file.length / 3 / pageBytes) * pageBytes
  return Buffer.concat([file.subarray(0, third), Buffer.alloc(third, 0xff), file.subarray(2 * third)])
}
/** Texts of rows are no texts any more. */
const withoutTexts = (file: Buffer): Buffer =>
  Buffer.from(file.toString('latin1').replaceAll(/ the /g, ' t\u00ffe '), 'latin1')

/** The second half is gone. */
const withoutEnd = (file: Buffer): Buffer =>
  file.subarray(0, Math.floor(file.length / 2 / pageBytes) * pageBytes)

const damages = {
  end: withoutEnd,
  names: withoutNames,
  schema: withoutSense,
  pages: withoutPages,
  texts: withoutTexts,
}

beforeAll(async () => {
  await buildOnce()
  const copy = await seededCopy()
  const good = readFileSync(copy.path)
  copy.remove()
  writeFileSync(join(cwd, 'good.db'), good)
  writeFileSync(join(cwd, 'a.ts'), scenario)
  for (const [name, damage] of Object.entries(damages)) {
    const damaged = damage(good)
    expect(damaged.equals(good)).toBe(false)
    writeFileSync(join(cwd, `${name}.db`), damaged)
  }
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const malformed = /database disk image is malformed|malformed database schema/

/** Every command that opens a file of the user, what is wrong with it, and how the command ends. */
const cases: readonly (readonly [
  command: string,
  damage: keyof typeof damages,
  exit: number,
  words: RegExp,
])[] = [
  ...(['names', 'schema'] as const).flatMap(
    (damage) =>
      [
        ['migrate status --db', damage, 5, malformed],
        ['migrate up --dry-run --db', damage, 5, malformed],
        ['migrate up composite-indexes --db', damage, 5, malformed],
        ['migrate down --db', damage, 5, malformed],
        ['seed --scale 0.01 --db', damage, 5, malformed],
        ['seed --verify --db', damage, 2, /is no complete database made by forgebench seed/],
        ['load draw-data --db', damage, 5, malformed],
        ['serve --port 0 --db', damage, 5, malformed],
        ['serve --port 0 --workers 2 --db', damage, 5, malformed],
        ['gate compare ./a.ts --baseline file:good.db --candidate', damage, 5, malformed],
      ] as const,
  ),
  [
    'gate compare ./a.ts --baseline file:good.db --candidate',
    'end',
    5,
    /^forgebench: \/\S+\/end\.db: [^\n]*malformed/m,
  ],
  ['migrate up composite-indexes --db', 'pages', 5, malformed],
  ['seed --verify --db', 'pages', 5, malformed],
  ['load draw-data --db', 'pages', 5, malformed],
]

test.each(cases)(
  '%s, where %s are damaged, ends with %i in one line',
  async (command, damage, exit, words) => {
    const { status, stderr } = await forgebench([...command.split(' '), `file:${damage}.db`], {
      cwd,
      env: { FORGEBENCH_CACHE: join(cwd, 'cache') },
    })
    expect(stderr).toMatch(/^(?:(?!forgebench: )[^\n]*\n)*forgebench: [^\n]+\n$/)
    expect(stderr).toMatch(words)
    expect(stderr).not.toMatch(/^\s+at |panicked|stack backtrace|internal error|clones-|\/stages\//m)
    expect(status).toBe(exit)
  },
)

test('a seeded database whose texts are damaged is said to differ, and nothing ends without a word', async () => {
  const { status, stderr } = await forgebench(['seed', '--verify', '--db', 'file:texts.db'], { cwd })
  expect(stderr).toMatch(/^forgebench: [^\n]*rows of [^\n]*prompts[^\n]* are not those of seed 1[^\n]*\n$/)
  expect(status).toBe(4)
})
