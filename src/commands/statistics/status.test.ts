import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mkdtempSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { printedHere } from '../../../fixtures/cli/printed-here.ts'
import { copySeeded } from '../../../fixtures/cache/shared-cache.ts'
import { assess, rowsReadToCount } from '../../statistics/assess.ts'
import { openPlannerDatabase } from '../../statistics/planner-database.ts'
import { countRowsOnServer } from '../../target/remote/count-rows-on-server.ts'
import { NativeConnection } from '../../target/native.ts'
import { findSqld, startSqld, type RunningSqld } from '../../target/server/sqld-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-statistics-status-'))
const analyzed = join(folder, 'analyzed.db')
const hasSqld = (await findSqld()) !== undefined
const forgebench = printedHere()
const status = (db: string, ...more: readonly string[]): Promise<string> =>
  forgebench(['statistics', 'status', '--db', db, ...more])

beforeAll(async () => {
  await copySeeded(analyzed, { scale: 0.05, seed: 1, ids: 'v4' })
  const connection = new NativeConnection(analyzed)
  connection.scriptSync('ANALYZE')
  connection.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('forgebench statistics status', () => {
  test('names an index whose mean hides that nearly all rows have one value, and exits 1', async () => {
    const text = await status(analyzed)
    expect(text).toContain(
      'misleading: idx_prompts_deleted_at: 13 rows per key are stated, but deleted_at IS NULL holds 460 of 500\n',
    )
    expect(text).toMatch(/^ +idx_prompts_user_id +500 +500 +22 +\d+: user_id = '/m)
    expect(process.exitCode).toBe(1)
  })

  test('exits 0 where the planner knows what is there', async () => {
    const connection = new NativeConnection('small.db')
    connection.scriptSync(`CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1), (2), (3); ANALYZE`)
    connection.close()
    expect(await status('file:small.db')).toContain('The planner knows what the database holds.')
    expect(process.exitCode).toBe(0)
  })

  test('writes what it found as JSON, whatever the names are', async () => {
    const name = 'a "b";\n\u202e--'
    const quoted = `"${name.replaceAll('"', '""')}"`
    const connection = new NativeConnection('hostile.db')
    connection.scriptSync(`CREATE TABLE ${quoted} (a); CREATE INDEX "i${name.replaceAll('"', '""')}" ON ${quoted} (a);
      INSERT INTO ${quoted} VALUES (NULL), (1); ANALYZE; INSERT INTO sqlite_stat1 VALUES ('${name}', 'gone${name}', '1 1')`)
    connection.close()
    const text = await status('file:hostile.db', '--json', 'status.json')
    expect(text).toContain(String.raw`no-index: index gonea "b";`)
    expect(text).not.toContain('\u202e')
    expect(JSON.parse(readFileSync('status.json', 'utf8'))).toMatchObject({
      state: 'present',
      counting: 'exact',
      tables: [{ name, rows: 2, indexes: [{ name: `i${name}`, stat: '2 1', entries: 2 }] }],
      problems: [{ code: 'no-index', index: `gone${name}` }],
    })
  })

  test.each([
    ['file:absent.db', /^forgebench: no database [^\n]*absent\.db[^\n]*\n$/],
    ['file:text.db', /^forgebench: [^\n]*text\.db is not a SQLite[^\n]*\n$/],
    ['http://127.0.0.1:9', /^forgebench: http:\/\/127\.0\.0\.1:9: cannot be reached[^\n]*\n$/],
    ['ws://127.0.0.1:9', /^forgebench: ws:\/\/127\.0\.0\.1:9: cannot be reached[^\n]*\n$/],
  ])('says in one line what is wrong with %s', async (db, line) => {
    writeFileSync('text.db', 'this is a text and no database at all')
    expect(await status(db)).toMatch(line)
  })
})

test('forgebench statistics pull refuses a database without statistics, and leaves no file', async () => {
  new NativeConnection('bare.db').scriptSync('CREATE TABLE t (a)')
  const text = await forgebench(['statistics', 'pull', '--db', 'file:bare.db', '--out', 'stats.json'])
  expect(text).toMatch(/^forgebench: [^\n]*bare\.db: has no statistics to pull \(no sqlite_stat1\)[^\n]*\n$/)
  expect(() => readFileSync('stats.json')).toThrow('ENOENT')
})

describe.skipIf(!hasSqld)('of a libSQL server (needs sqld)', () => {
  let server: RunningSqld
  beforeAll(async () => {
    server = await startSqld({ databasePath: analyzed })
  })
  afterAll(() => server.stop())

  test('status counts when it may, from pages and a sample, and finds the same', async () => {
    const text = await status(server.url, '--yes')
    expect(text).toMatch(/^counting reads about [\d,]+ rows of the server, which may bill them\n/)
    expect(text).toMatch(
      /^misleading: idx_prompts_deleted_at: 13 rows per key are stated, but deleted_at IS NULL holds about 460 of 500 \(sample of 500 rows\)$/m,
    )
    expect(text).toMatch(/SQLite 3\.[\d.]+, sqld /)
    expect(process.exitCode).toBe(1)
  })

  test('status says what counting would read, and does not count, above --max-rows-read', async () => {
    const text = await status(server.url, '--max-rows-read', '5000')
    expect(text).toMatch(
      /^not counted: counting reads about [\d,]+ rows [^\n]*; add --yes, or --max-rows-read \d+\n/,
    )
    expect(text).toContain('Nothing is wrong in what was read; rows were not counted.')
    expect(process.exitCode).toBe(3)
  })

  test('reads no more rows than it says beforehand, by the count of the server itself', async () => {
    const database = await openPlannerDatabase(server.url, undefined, 'read')
    const announced = await rowsReadToCount(database)
    let read = 0
    const counted = {
      query: async (sql: string, args: Parameters<typeof database.query>[1] = []) => {
        // What the schema is asked by is free on a metered server, and not what is announced.
        if (!/sqlite_schema|pragma_table_list/.test(sql)) {
          const [counts] = await countRowsOnServer(server.url, { sql, argsList: [args] })
          read += counts?.rowsRead ?? 0
        }
        return database.query(sql, args)
      },
    }
    await assess(counted, 'sampled')
    database.close()
    expect(read).toBeGreaterThan(1000)
    expect(read).toBeLessThanOrEqual(announced)
  })

  test('pull keeps its rows with where they come from', async () => {
    expect(await forgebench(['statistics', 'pull', '--db', server.url, '--out', 'stats.json'])).toBe(
      `stats.json: 21 rows of ${server.url}\n`,
    )
    const file = JSON.parse(readFileSync('stats.json', 'utf8')) as { readonly rows: readonly object[] }
    expect(file).toMatchObject({ source: server.url, server: expect.stringMatching(/^sqld /) })
    expect(file.rows).toContainEqual({
      table: 'prompts',
      index: 'idx_prompts_deleted_at',
      stat: '500 13',
      keys: ['deleted_at'],
    })
  })
})
