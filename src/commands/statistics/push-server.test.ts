import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { copySeeded, sharedCache } from '../../../fixtures/cache/shared-cache.ts'
import { printedHere } from '../../../fixtures/cli/printed-here.ts'
import { databaseContents } from '../../../fixtures/servers/database-contents.ts'
import { startFaultyProxy, type Fault, type FaultyProxy } from '../../../fixtures/servers/faulty-proxy.ts'
import { openPlannerDatabase } from '../../statistics/planner-database.ts'
import { readStatistics, type StatisticsRow } from '../../statistics/statistics-rows.ts'
import { NativeConnection } from '../../target/native.ts'
import { findSqld, startSqld, type RunningSqld } from '../../target/server/sqld-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-statistics-push-server-'))
const misled = join(folder, 'misled.db')
const hasSqld = (await findSqld()) !== undefined
const forgebench = printedHere()
const push = (db: string, ...more: readonly string[]): Promise<string> => {
  vi.stubEnv('FORGEBENCH_CACHE', sharedCache)
  return forgebench(['statistics', 'push', '--db', db, ...more])
}

beforeAll(async () => {
  await copySeeded(misled, { scale: 0.05, seed: 1, ids: 'v4' })
  const connection = new NativeConnection(misled)
  // Rows that no test needs would only be read over the network again and again.
  connection.scriptSync('DELETE FROM test_results WHERE rowid > 2000; VACUUM')
  // On larger data users have more prompts each, and then the mean of deleted_at misleads the planner in Q1.
  connection.scriptSync(`ANALYZE; UPDATE sqlite_stat1 SET stat = '500 30' WHERE idx = 'idx_prompts_user_id'`)
  connection.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

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

describe.skipIf(!hasSqld)('a libSQL server (needs sqld)', () => {
  let server: RunningSqld
  let proxy: FaultyProxy
  beforeAll(async () => {
    server = await startSqld({ databasePath: misled })
    proxy = await startFaultyProxy(server.url)
  })
  afterAll(async () => {
    await proxy.close()
    await server.stop()
  })

  /** What becomes of a request that replaces statistics. */
  const inject = (fault: Fault): void =>
    proxy.inject((body) => (body.includes('DELETE FROM sqlite_stat1') ? fault : undefined))

  test('gets another plan for Q1 by a repair, its old one by --undo, and nothing else changes', async () => {
    const before = await databaseContents(server.url)
    expect(await planOfQ1(server.url)).toContain('idx_prompts_deleted_at')
    const text = await push(server.url, '--repair', '--scenario', 'indexes/composite')
    expect(text).toMatch(/^Q1 +[\d,]+ +[\d,]+ +0\.\d+× +idx_prompts_deleted_at → idx_prompts_user_id/m)
    expect(text).toMatch(/^pushed 2 changed rows; [^\n]*the rows are there, and 12 plans as foretold;/m)
    expect(process.exitCode ?? 0).toBe(0)
    expect(await planOfQ1(server.url)).toContain('idx_prompts_user_id')
    expect((await databaseContents(server.url)).others).toBe(before.others)
    expect(await push(server.url, '--undo', undoFile())).toMatch(/^put back 21 rows from before the push/m)
    expect(await planOfQ1(server.url)).toContain('idx_prompts_deleted_at')
    expect(await databaseContents(server.url)).toEqual(before)
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
    expect(text).toMatch(/^copying ws:[^\n]* to this machine: [\d.]+ MB\nanalyzing the copy\n/)
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
    inject('cut before')
    expect(await push(proxy.url, '--from', 'stats.json')).toMatch(
      /^forgebench: [^\n]*cannot be reached[^\n]*; nothing was changed\n$/m,
    )
    expect(await rowsOf(server.url)).toEqual(before)
    inject('cut after')
    expect(await push(proxy.url, '--from', 'stats.json')).toMatch(/^pushed 1 changed row; read back/m)
    expect(await planOfQ1(server.url)).toContain('idx_prompts_user_id')
    const left = readdirSync('reports').map((name) => join('reports', name))
    const undone = await push(proxy.url, '--undo', left.at(-1) ?? '')
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
    proxy.inject(() => ({ status: 401 }))
    vi.stubEnv('STATISTICS_TEST_TOKEN', 'sesame-of-the-test')
    const text = await push(proxy.url, '--repair', '--auth-token-env', 'STATISTICS_TEST_TOKEN')
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
