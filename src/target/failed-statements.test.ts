import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Row } from './connection.ts'
import { NativeConnection } from './native.ts'
import { openFile } from './open.ts'
import { PreparedConnection } from './prepared-connection.ts'
import { RemoteConnection } from './remote/remote.ts'
import { RemoteReader } from './remote/remote-reader.ts'
import { findSqld, startSqld } from './server/sqld-process.ts'

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

/**
 * Statements that fail, each with arguments that make it fail and arguments with which the same text works (none where
 * no arguments help).
 */
const failing: readonly (readonly [what: string, sql: string, bad: Row, good?: Row])[] = [
  ['JSON that is nested too deep', 'SELECT json(?)', [nested(1_001)], ['[]']],
  ['text that is no JSON', "SELECT json_extract(?, '$.a')", ['{'], ['{}']],
  ['a path that is no JSON path', "SELECT json_extract('{}', ?)", ['a b'], ['$.a']],
  ['JSON of a wrong shape in an aggregate', 'SELECT json_group_array(json(?))', ['x'], ['1']],
  ['a sum that overflows', 'SELECT sum(a) FROM (SELECT ? AS a UNION ALL SELECT 1)', [2n ** 63n - 1n], [1n]],
  ['abs of the smallest integer', 'SELECT abs(?)', [-(2n ** 63n)], [-1n]],
  ['an escape of two characters', "SELECT 'a' LIKE 'a' ESCAPE ?", ['xy'], ['x']],
  ['a blob that is too large', 'SELECT length(zeroblob(?))', [2n ** 40n], [1n]],
  ['an integer that is none of 64 bits', 'SELECT ?', [2n ** 64n], [1n]],
  ['a database that is full', 'INSERT INTO blobs VALUES (zeroblob(?))', [10_000_000n], [1n]],
  ['a row that a deferred foreign key refuses', 'INSERT INTO deferred VALUES (?)', [99n], [1n]],
  ['a row that breaks UNIQUE', 'INSERT INTO t (u) VALUES (?)', [1n], [-1n]],
  ['a row that breaks NOT NULL', 'INSERT INTO t (u, n) VALUES (-2, ?)', [null], [1n]],
  ['a row that breaks CHECK', 'INSERT INTO t (u, c) VALUES (-3, ?)', [7n], [1n]],
  ['a row that breaks a foreign key', 'INSERT INTO child (parent) VALUES (?)', [99n], [1n]],
  ['a row id of a wrong type', 'INSERT INTO t (id, u) VALUES (?, -4)', ['x'], [44n]],
  ['a primary key that is taken', 'INSERT INTO t (id, u) VALUES (?, -5)', [1n], [55n]],
  ['RETURNING of a refused row', 'INSERT INTO t (u) VALUES (?) RETURNING id', [1n], [-6n]],
  ['RETURNING that fails itself', 'UPDATE t SET n = 2 WHERE id = 1 RETURNING json(?)', ['{'], ['{}']],
  ['a trigger that raises', 'INSERT INTO guarded VALUES (?)', [13n], [1n]],
  ['a generated column that fails', 'INSERT INTO generated (a) VALUES (?)', ['{'], ['{}']],
  [
    'a recursive query that fails on its way',
    'WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 50) SELECT sum(abs(iif(i = ?, -9223372036854775807 - 1, i))) FROM r',
    [40n],
    [99n],
  ],
  ['a table that is not there', 'SELECT * FROM missing', []],
  ['what is no SQL', 'SELEC 1', []],
  ['a column that is not there', 'SELECT missing FROM t', []],
  ['a commit outside of a transaction', 'COMMIT', []],
  ['a savepoint that is not there', 'RELEASE nothing', []],
]

const schema = `PRAGMA journal_mode = WAL;
CREATE TABLE t (id INTEGER PRIMARY KEY, u INTEGER UNIQUE, n INTEGER NOT NULL DEFAULT 0, c INTEGER CHECK (c <> 7));
CREATE TABLE child (parent INTEGER REFERENCES t (id));
CREATE TABLE deferred (parent INTEGER REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE blobs (a BLOB);
CREATE TABLE guarded (a INTEGER);
CREATE TRIGGER guard BEFORE INSERT ON guarded WHEN new.a = 13 BEGIN SELECT RAISE(ABORT, 'unlucky'); END;
CREATE TABLE generated (a TEXT, b TEXT AS (json(a)) STORED);
INSERT INTO t (id, u) VALUES (1, 1)`

/** One way to run a statement: on one connection, prepared again or kept as the wrapper does. */
type Run = (sql: string, args: Row) => Promise<unknown>

interface Wrapper {
  readonly run: Run
  readonly close: () => void
}

const isQuery = (sql: string): boolean => /^(?:SELECT|WITH)|RETURNING/.test(sql)
const options = { pragmas: ['PRAGMA foreign_keys = ON', 'PRAGMA max_page_count = 50'] }

let folder: string
let path: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'failed-statements-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function freshDatabase(name: string): string {
  path = join(folder, `${name}.db`)
  const setup = new NativeConnection(path)
  setup.scriptSync(schema)
  setup.close()
  return path
}

const wrappers: readonly (readonly [string, () => Promise<Wrapper>])[] = [
  [
    'prepared statements that are kept',
    async () => {
      const connection = new PreparedConnection(freshDatabase('prepared'), options)
      return {
        run: async (sql, args) => (isQuery(sql) ? connection.firstRow(sql, args) : connection.run(sql, args)),
        close: () => connection.close(),
      }
    },
  ],
  ...(['libsql', '@libsql/client'] as const).flatMap((driver) => [
    [
      `${driver}, query and execute`,
      async () => {
        const connection = await openFile(freshDatabase(`${driver.length}-query`), driver, options)
        return {
          run: (sql: string, args: Row) =>
            isQuery(sql) ? connection.query(sql, args) : connection.execute(sql, args),
          close: () => connection.close(),
        }
      },
    ] as const,
    [
      `${driver}, statements for timing`,
      async () => {
        const connection = await openFile(freshDatabase(`${driver.length}-timed`), driver, options)
        const known = new Map<string, (args: Row) => unknown>()
        return {
          run: async (sql: string, args: Row) => {
            const run = known.get(sql) ?? connection.prepareTimed(sql).run
            known.set(sql, run)
            return run(args)
          },
          close: () => connection.close(),
        }
      },
    ] as const,
    [
      `${driver}, transactions for timing`,
      async () => {
        const connection = await openFile(freshDatabase(`${driver.length}-transactions`), driver, options)
        const known = new Map<string, (argsList: readonly Row[]) => unknown>()
        return {
          run: async (sql: string, args: Row) => {
            const run = known.get(sql) ?? connection.prepareTimedTransaction(sql).run
            known.set(sql, run)
            return run([args])
          },
          close: () => connection.close(),
        }
      },
    ] as const,
  ]),
]

/** Runs every statement as it fails, and after each failure once more as it works and an ordinary one. */
async function failAndGoOn(run: Run, statements: typeof failing): Promise<void> {
  for (const [what, sql, bad, good] of statements) {
    await expect(run(sql, bad), what).rejects.toThrow()
    await expect(run(sql, bad), `${what}, again`).rejects.toThrow()
    if (good !== undefined) await expect(run(sql, good), `${what}, now right`).resolves.toBeDefined()
    await expect(run('SELECT count(*) FROM t', []), `an ordinary one after ${what}`).resolves.toBeDefined()
  }
}

const onlyReads = failing.filter(([, sql]) => /^(?:SELECT|WITH|SELEC) /.test(sql))
const sqld = await findSqld()

describe.skipIf(sqld === undefined)('after a statement that failed on a libSQL server (needs sqld)', () => {
  it.each(['http', 'ws'])(
    'the same statement works again, and so does an ordinary one, over %s',
    async (scheme) => {
      const server = await startSqld({ databasePath: freshDatabase(scheme) })
      const location = { kind: 'remote', url: server.url.replace('http', scheme) } as const
      const connection = new RemoteConnection(location, { concurrency: 2 })
      await connection.query('PRAGMA foreign_keys = ON')
      const unlimited = failing.filter(([what]) => what !== 'a database that is full')
      await failAndGoOn(async (sql, args) => connection.batch([{ sql, args }]), unlimited)
      await failAndGoOn((sql, args) => connection.query(sql, args), onlyReads)
      connection.close()
      const reader = new RemoteReader(location, undefined)
      const timed = new Map(onlyReads.map(([, sql]) => [sql, reader.prepareTimed(sql).run]))
      await failAndGoOn(
        async (sql, args) => (timed.get(sql) ?? reader.prepareTimed(sql).run)(args),
        onlyReads,
      )
      reader.close()
      await server.stop()
    },
  )
})

describe.each(wrappers)('after a statement that failed, through %s,', (_name, open) => {
  it('the same statement works again, and so does an ordinary one', async () => {
    const { run, close } = await open()
    await failAndGoOn(run, failing)
    close()
    // What the wrapper acknowledged is there, and nothing else.
    const fresh = new NativeConnection(path)
    const { rows } = fresh.querySync('SELECT group_concat(u) FROM (SELECT u FROM t ORDER BY u)')
    expect(rows).toEqual([['-6,-5,-4,-3,-2,-1,1']])
    fresh.close()
  })
})
