import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { copySeeded, sharedCache } from '../../../fixtures/cache/shared-cache.ts'
import { printedHere } from '../../../fixtures/cli/printed-here.ts'
import { NativeConnection } from '../../target/native.ts'
import { openPlannerDatabase } from '../../statistics/planner-database.ts'
import { readStatistics, type StatisticsRow } from '../../statistics/statistics-rows.ts'
import { findSqld, startSqld, type RunningSqld } from '../../target/sqld-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-statistics-push-'))
const analyzed = join(folder, 'analyzed.db')
const bare = join(folder, 'bare.db')
const hasSqld = (await findSqld()) !== undefined
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

/** Below what a server answers at once. */
const pageRows = 1000

/** Digests of every object of the schema with every row: of all, and of all but sqlite_stat1. */
async function contents(db: string): Promise<{ readonly all: string; readonly others: string }> {
  const database = await openPlannerDatabase(db, undefined, 'read')
  const [all, others] = [createHash('sha256'), createHash('sha256')]
  const schema = await database.query(
    'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name',
  )
  for (const [type, name, table, sql] of schema.rows) {
    const digests = name === 'sqlite_stat1' ? [all] : [all, others]
    for (const digest of digests) digest.update(JSON.stringify([type, name, table, sql]))
    if (type !== 'table') continue
    for (let offset = 0; ; offset += pageRows) {
      const page = `SELECT * FROM "${String(name).replaceAll('"', '""')}" LIMIT ${pageRows} OFFSET ${offset}`
      const { rows } = await database.query(page)
      for (const digest of digests) digest.update(JSON.stringify(rows))
      if (rows.length < pageRows) break
    }
  }
  database.close()
  return { all: all.digest('hex'), others: others.digest('hex') }
}

const rowsOf = async (db: string): Promise<readonly StatisticsRow[] | undefined> => {
  const database = await openPlannerDatabase(db, undefined, 'read')
  const rows = await readStatistics(database)
  database.close()
  return rows
}

const q1 = `SELECT id, title FROM prompts WHERE user_id = 'nobody' AND status = 'active' AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 20`
async function planOfQ1(db: string): Promise<string> {
  const database = await openPlannerDatabase(db, undefined, 'read')
  const plan = await database.explain(q1, [])
  database.close()
  return plan.map(({ detail }) => detail).join('; ')
}

const undoFile = (): string => join('reports', readdirSync('reports')[0] ?? '')

describe('a file', () => {
  test('is given the statistics of a copy that was analyzed, and is as it was after --undo', async () => {
    writeFileSync(
      'queries.sql',
      `-- the common one\n${q1};\nUPDATE prompts SET title = 'x' WHERE status = 'draft';`,
    )
    new NativeConnection(bare).executeSync('VACUUM INTO ?', ['a.db'])
    const before = await contents('file:a.db')
    const text = await push('file:a.db', '--analyze', '--sql', 'queries.sql')
    expect(text).toMatch(/^idx_prompts_deleted_at +– +500 13$/m)
    expect(text).toMatch(/^misleading: idx_prompts_deleted_at: /m)
    expect(text).toMatch(
      /^pushed 21 changed rows; read back[^\n]*: the rows are there, and 2 plans as foretold;/m,
    )
    expect(process.exitCode ?? 0).toBe(0)
    expect(await contents('file:a.db')).toEqual(await contents(analyzed))
    expect(await push('file:a.db', '--undo', undoFile())).toMatch(/^put back 0 rows from before the push/m)
    expect(await contents('file:a.db')).toEqual(before)
    expect(await push('file:a.db', '--undo', undoFile())).toMatch(/^nothing to undo/m)
  })

  test('keeps its rows where a statement would take more steps, until that is accepted', async () => {
    new NativeConnection(misled).executeSync('VACUUM INTO ?', ['a.db'])
    const good = new NativeConnection('a.db')
    good.scriptSync(`UPDATE sqlite_stat1 SET stat = '500 460' WHERE idx = 'idx_prompts_deleted_at'`)
    good.close()
    const before = await contents('file:a.db')
    writeFileSync('queries.sql', q1)
    const worse = ['--from', `file:${misled}`, '--sql', 'queries.sql']
    const text = await push('file:a.db', ...worse)
    expect(text).toMatch(/^line 1 .* idx_prompts_user_id → idx_prompts_deleted_at/m)
    expect(text).toMatch(
      /^not pushed: line 1 would take more steps than now; try --repair, or add --accept-worse$/m,
    )
    expect(process.exitCode).toBe(1)
    expect(await contents('file:a.db')).toEqual(before)
    expect(await push('file:a.db', ...worse, '--dry-run')).toMatch(/^not pushed: /m)
    expect(await push('file:a.db', ...worse, '--accept-worse')).toMatch(/^pushed 1 changed row;/m)
    expect(await contents('file:a.db')).toEqual(await contents(misled))
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
    expect(text).toContain('kept: 1 rows of the database that the source says nothing of')
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

describe.skipIf(!hasSqld)('a libSQL server (needs sqld)', () => {
  let server: RunningSqld
  let proxy: Server | undefined
  beforeAll(async () => {
    server = await startSqld({ databasePath: misled })
  })
  afterAll(() => server.stop())
  afterEach(() => {
    proxy?.closeAllConnections()
    proxy?.close()
    proxy = undefined
  })

  /** Passes requests on, and closes the connection of one that replaces statistics, before or after the server has it. */
  async function breaking(when: 'before' | 'after'): Promise<string> {
    proxy = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const body = Buffer.concat(chunks)
        const breaks = body.includes('DELETE FROM sqlite_stat1')
        if (breaks && when === 'before') {
          request.socket.destroy()
          return
        }
        void fetch(`${server.url}${request.url}`, {
          method: request.method ?? 'GET',
          headers: { 'content-type': 'application/json' },
          ...(body.length === 0 ? {} : { body }),
        }).then(async (answer) => {
          const text = await answer.text()
          if (breaks) request.socket.destroy()
          else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
        })
      })
    })
    await new Promise<void>((resolve) => proxy?.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  }

  test('gets another plan for Q1 by a repair, its old one by --undo, and nothing else changes', async () => {
    const before = await contents(server.url)
    expect(await planOfQ1(server.url)).toContain('idx_prompts_deleted_at')
    const text = await push(server.url, '--repair', '--scenario', 'indexes/composite')
    expect(text).toMatch(/^Q1 +[\d,]+ +[\d,]+ +0\.\d+× +idx_prompts_deleted_at → idx_prompts_user_id/m)
    expect(text).toMatch(/^pushed 2 changed rows; [^\n]*the rows are there, and 12 plans as foretold;/m)
    expect(process.exitCode ?? 0).toBe(0)
    expect(await planOfQ1(server.url)).toContain('idx_prompts_user_id')
    expect((await contents(server.url)).others).toBe(before.others)
    expect(await push(server.url, '--undo', undoFile())).toMatch(/^put back 21 rows from before the push/m)
    expect(await planOfQ1(server.url)).toContain('idx_prompts_deleted_at')
    expect(await contents(server.url)).toEqual(before)
  })

  test('is analyzed on this machine alone, and over WebSocket as well', async () => {
    const url = server.url.replace('http', 'ws')
    writeFileSync('queries.sql', q1)
    const text = await push(
      url,
      '--analyze',
      '--repair',
      '--sql',
      'queries.sql',
      '--dry-run',
      '--json',
      'push.json',
    )
    expect(text).toContain(`copying ${url} to this machine\nanalyzing the copy\n`)
    expect(JSON.parse(readFileSync('push.json', 'utf8'))).toMatchObject({
      pushed: false,
      changes: [
        { index: 'idx_prompts_deleted_at', before: '500 13', after: '500 460' },
        { index: 'idx_prompts_parent_id' },
        { index: 'idx_prompts_user_id', before: '500 30', after: '500 22' },
      ],
      statements: [
        { id: 'line 1', worse: false, after: { plan: expect.stringContaining('idx_prompts_user_id') } },
      ],
    })
  })

  test('is asked for its schema alone where rows come from a file: plans are foretold without rows', async () => {
    await forgebench(['statistics', 'pull', '--db', server.url, '--out', 'stats.json'])
    const stats = readFileSync('stats.json', 'utf8').replace('"500 13"', '"500 460"')
    writeFileSync('stats.json', stats)
    writeFileSync('queries.sql', q1)
    const text = await push(server.url, '--from', 'stats.json', '--sql', 'queries.sql')
    expect(text).toMatch(/^line 1 +· +· +idx_prompts_deleted_at → idx_prompts_user_id/m)
    expect(text).toMatch(/^pushed 1 changed row; [^\n]*, and 1 plan as foretold;/m)
    await push(server.url, '--undo', undoFile())
    expect(await planOfQ1(server.url)).toContain('idx_prompts_deleted_at')
  })

  test('has all rows or none when the connection breaks, and it is said which', async () => {
    const before = await rowsOf(server.url)
    await forgebench(['statistics', 'pull', '--db', server.url, '--out', 'stats.json'])
    writeFileSync('stats.json', readFileSync('stats.json', 'utf8').replace('"500 13"', '"500 460"'))
    const cut = await breaking('before')
    expect(await push(cut, '--from', 'stats.json')).toMatch(
      /^forgebench: [^\n]*cannot be reached[^\n]*; nothing was changed\n$/m,
    )
    expect(await rowsOf(server.url)).toEqual(before)
    proxy?.close()
    const late = await breaking('after')
    expect(await push(late, '--from', 'stats.json')).toMatch(/^pushed 1 changed row; read back/m)
    expect(await planOfQ1(server.url)).toContain('idx_prompts_user_id')
    const left = readdirSync('reports').map((name) => join('reports', name))
    const undone = await push(late, '--undo', left.at(-1) ?? '')
    expect(undone).toMatch(/^put back 21 rows/m)
    expect(await rowsOf(server.url)).toEqual(before)
  })

  test('is not undone where somebody changed the rows after the push', async () => {
    await push(server.url, '--repair')
    const other = await openPlannerDatabase(server.url, undefined, 'write')
    await other.transaction([
      { sql: `UPDATE sqlite_stat1 SET stat = '1 1' WHERE idx = 'idx_prompts_status'`, args: [] },
    ])
    other.close()
    expect(await push(server.url, '--undo', undoFile())).toMatch(
      /^forgebench: [^\n]*its rows were changed after the push; put the old ones back in any case with --from /m,
    )
    expect(await push(server.url, '--from', undoFile())).toMatch(/^pushed 3 changed rows/m)
    expect(await planOfQ1(server.url)).toContain('idx_prompts_deleted_at')
  })

  test('that refuses the token says so in one line, with nothing of it', async () => {
    proxy = createServer((_, response) => void response.writeHead(401).end('{"error":"no"}'))
    await new Promise<void>((resolve) => proxy?.listen(0, '127.0.0.1', resolve))
    vi.stubEnv('STATISTICS_TEST_TOKEN', 'sesame-of-the-test')
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const text = await push(url, '--repair', '--auth-token-env', 'STATISTICS_TEST_TOKEN')
    expect(text).toMatch(/^forgebench: http:\/\/127\.0\.0\.1:\d+: refuses the token[^\n]*\n$/)
    expect(text).not.toContain('sesame')
  })

  // The last one: the table is gone afterwards, and the server does not make it again.
  test('without the table is told how to get it once', async () => {
    const database = await openPlannerDatabase(server.url, undefined, 'write')
    await database.transaction([{ sql: 'DROP TABLE sqlite_stat1', args: [] }])
    database.close()
    const line =
      /^forgebench: http:[^\n]*: has no table sqlite_stat1[^\n]*forgebench server start --db file:app\.db[^\n]*\n$/
    expect(await push(server.url, '--analyze')).toMatch(line)
    expect(await push(server.url, '--analyze', '--dry-run')).toMatch(line)
  })
})
