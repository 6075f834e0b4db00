import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildOnce, forgebench, type Ended } from '../../../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../../../fixtures/cli/in-process.ts'
import { NativeConnection } from '../../target/native.ts'

const cwd = mkdtempSync(join(tmpdir(), 'forgebench-migrate-'))
const run = (...args: readonly string[]): Promise<Ended> => forgebenchHere(args, { cwd })

beforeAll(async () => {
  await buildOnce()
  mkdirSync(join(cwd, 'folder'))
  writeFileSync(join(cwd, 'text.db'), 'a text that is longer than the header of a database file')
  const other = new NativeConnection(join(cwd, 'other.db'))
  other.scriptSync('CREATE TABLE customers (id INTEGER)')
  other.close()
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const commands = [
  ['migrate', 'up'],
  ['migrate', 'down'],
  ['migrate', 'status'],
  ['seed', '--scale', '0.01'],
  ['seed', '--verify'],
]

describe.each(commands)('forgebench %s %s', (...command) => {
  test('refuses in one line what is no database of its own, and changes nothing', async () => {
    const before = readFileSync(join(cwd, 'other.db'))
    const refuse = async (db: string, message: RegExp): Promise<void> => {
      const { status, stdout, stderr } = await run(...command.filter(Boolean), '--db', db)
      expect(stderr).toMatch(/^forgebench: [^\n]+\n$/)
      expect(stderr).toMatch(message)
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    }
    await Promise.all([
      refuse('folder', /is a directory; name a database file in it/),
      refuse('text.db', /is not a SQLite\/libSQL database/),
      refuse('no/folder.db', /no folder .*; make it first/),
      refuse('postgres://localhost', /is not supported by this command; use --db file:path/),
    ])
    expect(readFileSync(join(cwd, 'text.db'), 'utf8')).toMatch(/^a text/)
    if (command[1] === 'status') return
    await refuse('other.db', /another|no complete database/)
    expect(readFileSync(join(cwd, 'other.db')).equals(before)).toBe(true)
    expect(readdirSync(cwd).toSorted()).toEqual(['folder', 'other.db', 'text.db'])
  })
})

test.each([
  ['migrate', 'up'],
  ['seed', '--scale', '0.01'],
])('%s %s gives up in one line on a database that another process has locked', async (...command) => {
  const path = join(cwd, 'locked.db')
  copyFileSync(join(cwd, 'other.db'), path)
  const blocker = new NativeConnection(path)
  blocker.scriptSync('BEGIN EXCLUSIVE')
  try {
    const { status, stdout, stderr } = await forgebench([...command, '--db', 'locked.db'], { cwd })
    expect(stderr).toMatch(/^forgebench: [^\n]*locked\.db: database is locked[^\n]*\n$/)
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' })
  } finally {
    blocker.scriptSync('ROLLBACK')
    blocker.close()
    rmSync(path)
  }
})

describe('migrate', () => {
  test('goes up, says where it is, and comes down again', async () => {
    const db = ['--db', 'file:app.db']
    expect(await run('migrate', 'up', 'initial', 'composite-indexes', ...db)).toMatchObject({
      status: 0,
      stdout: 'initial: applied\ncomposite-indexes: applied\n',
    })
    const { status, stdout } = await run('migrate', 'status', ...db)
    expect(status).toBe(0)
    expect(stdout).toMatch(/^✓ composite-indexes +\d{4}-/m)
    expect(stdout).toMatch(/^· binary-uuids/m)
    expect(await run('migrate', 'down', ...db)).toMatchObject({
      status: 0,
      stdout: 'composite-indexes: reverted\n',
    })
    rmSync(join(cwd, 'app.db'))
  })

  test('prints what a dry run would do and makes no file', async () => {
    const { status, stdout } = await run('migrate', 'up', '--dry-run', '--db', 'new.db')
    expect(status).toBe(0)
    expect(stdout).toContain('CREATE TABLE prompts')
    expect(readdirSync(cwd)).not.toContain('new.db')
  })

  test('says by its exit code and its words that a database is not what its record says', async () => {
    const { status, stdout } = await run('migrate', 'status', '--db', 'other.db')
    expect(status).toBe(1)
    expect(stdout).toMatch(/^problem: another tool made this schema/m)
  })

  test('refuses a migration that is not there, in one line', async () => {
    const { status, stdout, stderr } = await run('migrate', 'up', 'composite-index', '--db', 'new.db')
    expect(stderr).toMatch(/^forgebench: [^\n]*composite-index[^\n]*\n$/)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  })
})

describe('a project of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'forgebench-own-'))
  const own = join(folder, 'migrations', 'own-index')
  const here = (...args: readonly string[]): Promise<Ended> =>
    forgebenchHere(args, { cwd: folder, env: { FORGEBENCH_CACHE: join(folder, 'cache') } })

  beforeAll(() => {
    mkdirSync(own, { recursive: true })
    const description = { id: 'own-index', dependsOn: ['initial'], claims: [], why: 'of this project' }
    writeFileSync(join(own, 'migration.json'), JSON.stringify(description))
    writeFileSync(join(own, 'up.sql'), 'CREATE INDEX own ON prompts (title);')
    writeFileSync(join(own, 'down.sql'), 'DROP INDEX own;')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('is known to every command on migrations, and listed', async () => {
    expect((await here('migrate', 'verify', 'own-index')).stdout).toMatch(/^✓ own-index/m)
    expect((await here('migrate', 'up', 'initial', 'own-index', '--db', 'a.db')).status).toBe(0)
    expect((await here('migrate', 'status', '--db', 'a.db')).stdout).toMatch(/^✓ own-index/m)
    expect((await here('list')).stdout).toMatch(/^ {2}own-index /m)
  })

  test('has scripts of any size: statements are read one at a time, in less memory than the script has', async () => {
    const big = join(folder, 'migrations', 'big')
    mkdirSync(big)
    const description = { id: 'big', dependsOn: ['initial'], claims: [], why: 'rows of a dump' }
    writeFileSync(join(big, 'migration.json'), JSON.stringify(description))
    const rows = 1_500
    const text = `it''s; -- no comment ${'x'.repeat(32_000)}`
    writeFileSync(join(big, 'up.sql'), 'CREATE TABLE big (text);\r\n')
    for (let row = 0; row < rows; row += 100)
      appendFileSync(join(big, 'up.sql'), `INSERT INTO big VALUES ('${text}');\r\n`.repeat(100))
    appendFileSync(join(big, 'up.sql'), 'CREATE TABLE last_line (x)')
    writeFileSync(join(big, 'down.sql'), 'DROP TABLE last_line; DROP TABLE big;')
    expect(statSync(join(big, 'up.sql')).size).toBeGreaterThan(48e6)
    const env = { FORGEBENCH_CACHE: join(folder, 'cache'), NODE_OPTIONS: '--max-old-space-size=32' }
    for (const [command, expected] of [
      [['up', 'initial', 'big', '--json', 'big.json'], 'initial: applied\nbig: applied\n'],
      [['status'], /^✓ big /m],
      [['down'], 'big: reverted\n'],
    ] as const) {
      const db = join(folder, 'big.db')
      const { status, stdout, stderr } = await forgebench(['migrate', ...command, '--db', db], {
        cwd: folder,
        env,
      })
      expect({ status, stdout, stderr }).toEqual({
        status: 0,
        stdout: typeof expected === 'string' ? expected : (expect.stringMatching(expected) as string),
        stderr: '',
      })
    }
    expect(JSON.parse(readFileSync(join(folder, 'big.json'), 'utf8'))).toMatchObject({
      steps: [{ id: 'initial' }, { id: 'big', statements: rows + 2 }],
    })
    rmSync(big, { recursive: true })
  })

  test('and a plan that is refused makes no file', async () => {
    for (const name of ['nope', 'own-index']) {
      expect((await here('migrate', 'up', name, '--db', 'none.db')).status).toBe(2)
    }
    expect(readdirSync(folder)).not.toContain('none.db')
  })

  test('and a temporary folder that takes nothing is named in one line', async () => {
    const env = { FORGEBENCH_CACHE: join(folder, 'cache'), TMPDIR: join(folder, 'gone') }
    const { status, stderr } = await forgebench(['migrate', 'verify', 'own-index'], { cwd: folder, env })
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/forgebench: [^\n]*\n$/)
    expect(stderr).not.toMatch(/^ +at /m)
  })
})

test('what is migrated lies in the file itself, for whoever copies it alone', async () => {
  const path = join(cwd, 'logged.db')
  const connection = new NativeConnection(path)
  connection.scriptSync('PRAGMA journal_mode = WAL')
  connection.close()
  expect((await run('migrate', 'up', 'initial', '--db', 'file:logged.db')).status).toBe(0)
  copyFileSync(path, join(cwd, 'alone.db'))
  const { stdout } = await run('migrate', 'status', '--db', 'file:alone.db')
  expect(stdout).toMatch(/✓ initial/)
})
