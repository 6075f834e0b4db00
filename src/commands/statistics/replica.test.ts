import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { printedHere } from '../../../fixtures/cli/printed-here.ts'
import { sharedCache } from '../../../fixtures/cache/shared-cache.ts'
import { openPlannerDatabase } from '../../statistics/planner-database.ts'
import { NativeConnection } from '../../target/native.ts'
import { findSqld, startSqld, type RunningSqld } from '../../target/server/sqld-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-statistics-replica-'))
const path = join(folder, 'a.db')
const hasSqld = (await findSqld()) !== undefined
const forgebench = printedHere()

beforeAll(() => {
  const connection = new NativeConnection(path)
  connection.scriptSync(`
    CREATE TABLE p (id INTEGER PRIMARY KEY, u TEXT, d TEXT);
    CREATE INDEX by_u ON p (u); CREATE INDEX by_d ON p (d);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
    INSERT INTO p SELECT i, 'u' || (i % 30), CASE WHEN i % 15 = 0 THEN 'd' || i END FROM n;
    ANALYZE`)
  connection.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  ['replica:', 'DB_REPLICA'],
  ['replica:a.db', 'DB_REPLICA'],
  ['replica:a.db?sync=file:b.db', 'DB_REPLICA'],
  ['replica:a.db?sync=http://user:secret@host', 'DB_CREDENTIALS'],
])('%s is refused', async (db, code) => {
  await expect(openPlannerDatabase(db, undefined, 'read')).rejects.toMatchObject({
    code,
    exit: 2,
    message: expect.not.stringContaining('secret'),
  })
})

test('a database of its own is not made a replica, and a server that is gone is one clear line', async () => {
  const status = (db: string): Promise<string> => forgebench(['statistics', 'status', '--db', db])
  expect(await status(`replica:${path}?sync=http://127.0.0.1:9`)).toMatch(
    /^forgebench: [^\n]*a\.db is a database of its own, and no replica;[^\n]*\n$/,
  )
  expect(await status('replica:new.db?sync=http://127.0.0.1:9')).toMatch(
    /^forgebench: http:\/\/127\.0\.0\.1:9: cannot be reached[^\n]*\n$/,
  )
})

describe.skipIf(!hasSqld)('an embedded replica (needs sqld)', () => {
  let server: RunningSqld
  beforeAll(async () => {
    server = await startSqld({ databasePath: path })
  })
  afterAll(() => server.stop())

  const planOf = async (db: string): Promise<string> => {
    const database = await openPlannerDatabase(db, undefined, 'read')
    const plan = await database.explain(query, [])
    database.close()
    return plan.map(({ detail }) => detail).join('; ')
  }
  const query = "SELECT id FROM p WHERE u = 'u1' AND d IS NULL"

  test('is counted here, pushed through to its server, and undone there', async () => {
    vi.stubEnv('FORGEBENCH_CACHE', sharedCache)
    const db = `replica:rep.db?sync=${server.url}`
    const text = await forgebench(['statistics', 'status', '--db', db])
    expect(text).toContain('misleading: by_d: 15 rows per key are stated, but d IS NULL holds 2,800 of 3,000')
    expect(text).not.toContain('counting reads')
    writeFileSync('queries.sql', query)
    const push = ['statistics', 'push', '--db', db]
    expect(await forgebench([...push, '--repair', '--sql', 'queries.sql'])).toMatch(
      /^pushed 1 changed row; [^\n]*, and 1 plan as foretold;/m,
    )
    expect(await planOf(server.url)).toContain('by_u')
    expect(await planOf(db)).toContain('by_u')
    const [undo = ''] = readdirSync('reports')
    expect(await forgebench([...push, '--undo', join('reports', undo)])).toMatch(/^put back 2 rows/m)
    expect(await planOf(server.url)).toContain('by_d')
    expect(await planOf(db)).toContain('by_d')
  })
})
