import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { copySeeded, sharedCache } from '../../../fixtures/cache/shared-cache.ts'
import { printedHere } from '../../../fixtures/cli/printed-here.ts'
import { databaseContents } from '../../../fixtures/servers/database-contents.ts'
import { NativeConnection } from '../../target/native.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-statistics-push-'))
const analyzed = join(folder, 'analyzed.db')
const bare = join(folder, 'bare.db')
const forgebench = printedHere()
const push = (db: string, ...more: readonly string[]): Promise<string> => {
  vi.stubEnv('FORGEBENCH_CACHE', sharedCache)
  return forgebench(['statistics', 'push', '--db', db, ...more])
}

beforeAll(async () => {
  await copySeeded(bare, { scale: 0.05, seed: 1, ids: 'v4' })
  const copy = new NativeConnection(bare)
  copy.executeSync('VACUUM INTO ?', [analyzed])
  copy.close()
  const connection = new NativeConnection(analyzed)
  connection.scriptSync('ANALYZE')
  connection.close()
})

/** On larger data users have more prompts each, and then the mean of deleted_at misleads the planner in Q1. */
const misled = join(folder, 'misled.db')
beforeAll(() => {
  new NativeConnection(analyzed).executeSync('VACUUM INTO ?', [misled])
  const connection = new NativeConnection(misled)
  connection.scriptSync(`UPDATE sqlite_stat1 SET stat = '500 30' WHERE idx = 'idx_prompts_user_id'`)
  connection.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const q1 = `SELECT id, title FROM prompts WHERE user_id = 'nobody' AND status = 'active' AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 20`
const undoFile = (): string => join('reports', readdirSync('reports')[0] ?? '')

describe('a file', () => {
  test('is given the statistics of a copy that was analyzed, and is as it was after --undo', async () => {
    writeFileSync(
      'queries.sql',
      `-- the common one\n${q1};\nUPDATE prompts SET title = 'x' WHERE status = 'draft';`,
    )
    new NativeConnection(bare).executeSync('VACUUM INTO ?', ['a.db'])
    const before = await databaseContents('file:a.db')
    const text = await push('file:a.db', '--analyze', '--sql', 'queries.sql')
    expect(text).toMatch(/^idx_prompts_deleted_at +– +500 13$/m)
    expect(text).toMatch(/^misleading: idx_prompts_deleted_at: /m)
    expect(text).toMatch(
      /^pushed 21 changed rows; read back[^\n]*: the rows are there, and 2 plans as foretold;/m,
    )
    expect(process.exitCode ?? 0).toBe(0)
    expect(await databaseContents('file:a.db')).toEqual(await databaseContents(analyzed))
    expect(await push('file:a.db', '--undo', undoFile())).toMatch(/^put back 0 rows from before the push/m)
    expect(await databaseContents('file:a.db')).toEqual(before)
    expect(await push('file:a.db', '--undo', undoFile())).toMatch(/^nothing to undo/m)
  })

  test('keeps its rows where a statement would take more steps, until that is accepted', async () => {
    new NativeConnection(misled).executeSync('VACUUM INTO ?', ['a.db'])
    const good = new NativeConnection('a.db')
    good.scriptSync(`UPDATE sqlite_stat1 SET stat = '500 460' WHERE idx = 'idx_prompts_deleted_at'`)
    good.close()
    const before = await databaseContents('file:a.db')
    writeFileSync('queries.sql', q1)
    const worse = ['--from', `file:${misled}`, '--sql', 'queries.sql']
    const text = await push('file:a.db', ...worse)
    expect(text).toMatch(/^line 1 .* idx_prompts_user_id → idx_prompts_deleted_at/m)
    expect(text).toMatch(
      /^not pushed: line 1 would take more steps than now; try --repair, or add --accept-worse$/m,
    )
    expect(process.exitCode).toBe(1)
    expect(await databaseContents('file:a.db')).toEqual(before)
    expect(await push('file:a.db', ...worse, '--dry-run')).toMatch(/^not pushed: /m)
    expect(await push('file:a.db', ...worse, '--accept-worse')).toMatch(/^pushed 1 changed row;/m)
    expect(await databaseContents('file:a.db')).toEqual(await databaseContents(misled))
  })

  test('is not changed by --dry-run, and leaves no file then', async () => {
    new NativeConnection(bare).executeSync('VACUUM INTO ?', ['a.db'])
    const before = readFileSync('a.db')
    const text = await push('file:a.db', '--analyze', '--repair', '--dry-run')
    expect(text).toMatch(/^Repaired: [^\n]*idx_prompts_deleted_at 500 13 → 500 460/m)
    expect(text).toMatch(/^dry run: nothing was pushed$/m)
    expect(readFileSync('a.db').equals(before)).toBe(true)
    expect(readdirSync('.')).toEqual(['a.db'])
  })

  test('takes rows of a statistics file that fit it, whatever the names are, and says what does not', async () => {
    const name = 'a "b";\n--é'
    const quoted = `"${name.replaceAll('"', '""')}"`
    const connection = new NativeConnection('a.db')
    connection.scriptSync(`CREATE TABLE ${quoted} (a, b); CREATE INDEX "i${name.replaceAll('"', '""')}" ON ${quoted} (a, b);
      CREATE TABLE other (a UNIQUE); INSERT INTO other VALUES (1); ANALYZE`)
    connection.close()
    const row = { table: name, index: `i${name}`, stat: '1000 10 1', keys: ['a', 'b'] }
    const rows = [
      row,
      { ...row, index: 'gone' },
      { ...row, table: 'nowhere' },
      { table: 'other', index: 'sqlite_autoindex_other_1', stat: '9 1', keys: ['b'] },
    ]
    const file = {
      format: 'forgebench-statistics',
      version: 1,
      source: 'x',
      takenAt: 'x',
      sqlite: 'x',
      server: null,
      rows,
    }
    writeFileSync('stats.json', JSON.stringify(file))
    const text = await push('file:a.db', '--from', 'stats.json')
    expect(text).toContain('left out: gone: the database has no such index on a')
    expect(text).toContain(
      'left out: sqlite_autoindex_other_1: the index of the database has other columns (a)',
    )
    expect(text).toContain('kept: 1 row of the database that the source says nothing of')
    const after = new NativeConnection('a.db', { readOnly: true })
    expect(after.querySync('SELECT * FROM sqlite_stat1').rows).toEqual([
      [name, `i${name}`, '1000 10 1'],
      ['other', 'sqlite_autoindex_other_1', '1 1'],
    ])
    after.close()
  })

  test.each([
    [[], /--analyze \(a local copy\), --from/],
    [['--analyze', '--from', 'stats.json'], /--analyze needs a database/],
    [['--from', 'absent.json'], /^forgebench: absent\.json: cannot be read \(ENOENT\)/],
    [['--from', 'file:empty.db'], /empty\.db: has no statistics; add --analyze/],
    [['--analyze', '--sql', 'bound.sql'], /^forgebench: bound\.sql:2: has placeholders; write values/],
    [['--analyze', '--sql', 'drop.sql'], /^forgebench: drop\.sql:1: only SELECT,/],
    [['--analyze', '--sql', 'wrong.sql'], /^forgebench: line 1: no such table: nowhere/m],
    [['--undo', 'stats.json'], /stats\.json: is no file that a push left/],
    [['--undo', 'undo.json'], /undo\.json: was left by a push to http:\/\/elsewhere, not to/],
  ])('is not touched by %j, which is refused in one line', async (flags, line) => {
    const connection = new NativeConnection('empty.db')
    connection.scriptSync('CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1)')
    connection.close()
    const file = {
      format: 'forgebench-statistics',
      version: 1,
      source: 'http://elsewhere',
      takenAt: 'x',
      sqlite: 'x',
      server: null,
      rows: [],
    }
    writeFileSync('stats.json', JSON.stringify(file))
    writeFileSync('undo.json', JSON.stringify({ ...file, replacedBy: [], hadTable: true }))
    writeFileSync('bound.sql', 'SELECT 1;\nSELECT a FROM t WHERE a = ?')
    writeFileSync('drop.sql', 'DROP TABLE t')
    writeFileSync('wrong.sql', 'SELECT * FROM nowhere')
    const before = readFileSync('empty.db')
    const text = await push('file:empty.db', ...flags)
    expect(text).toMatch(line)
    expect(text.split('\n').filter((each) => each.startsWith('forgebench: '))).toHaveLength(1)
    expect(readFileSync('empty.db').equals(before)).toBe(true)
  })
})
