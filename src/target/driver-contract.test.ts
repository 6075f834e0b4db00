import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { driversHere } from '../../fixtures/drivers.ts'
import type { Connection, Row } from './connection.ts'
import { driverNames, loadDriver, serverDrivers, type DriverName } from './drivers.ts'
import { explainQueryPlan } from './explain.ts'
import { NativeConnection } from './native.ts'
import { openFile } from './open.ts'

const { here, missing } = await driversHere()

let folder: string
let path: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'guards-'))
  path = join(folder, 'a database #1?.db')
  const setup = new NativeConnection(path)
  setup.scriptSync('PRAGMA journal_mode = WAL; CREATE TABLE t (a INTEGER, b TEXT)')
  setup.close()
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const count = async (connection: Connection): Promise<unknown> =>
  (await connection.query('SELECT count(*) FROM t')).rows[0]?.[0]

test.skipIf(missing.length > 0)(
  `every driver is here; without: ${missing.map(({ reason }) => reason).join(' / ') || 'none'}`,
  () => expect(here).toEqual(driverNames),
)

/** Two engines in one process do not see each other's locks; and `@libsql/client` begins no transaction by a script. */
const lockerOf = (driver: DriverName): DriverName => (driver === '@libsql/client' ? 'libsql' : driver)

/** Those that share the file with others; the servers have it for their own. */
const sharing = here.filter((name) => !serverDrivers.some((each) => each === name))

describe.each(sharing)('a connection through %s', (driver) => {
  it('is refused without a path, for which SQLite would make a new and empty database', async () => {
    for (const readOnly of [true, false])
      await expect(openFile('', driver, { readOnly })).rejects.toThrow(RangeError)
  })

  it('keeps every write that it acknowledges after a SQLITE_BUSY', async () => {
    const blocker = await openFile(path, lockerOf(driver))
    const connection = await openFile(path, driver)
    await blocker.script('BEGIN IMMEDIATE')
    await expect(connection.execute('INSERT INTO t VALUES (1, ?)', ['lost'])).rejects.toMatchObject({
      code: 'TARGET_BUSY',
      exit: 5,
    })
    await blocker.script('COMMIT')
    for (let i = 0; i < 10; i++) await connection.execute('INSERT INTO t VALUES (2, ?)', ['kept'])
    const fresh = await openFile(path, driver)
    expect(await count(fresh)).toBe(10)
    // And the connection holds no lock: another writer gets through.
    await fresh.execute('INSERT INTO t VALUES (3, NULL)')
    expect(await count(connection)).toBe(11)
    for (const each of [blocker, connection, fresh]) await each.close()
  })

  it('goes on after a batch that met SQLITE_BUSY', async () => {
    const blocker = await openFile(path, lockerOf(driver))
    const connection = await openFile(path, driver)
    await blocker.script('BEGIN IMMEDIATE')
    const work = connection.transaction('write', () => connection.execute('INSERT INTO t VALUES (1, NULL)'))
    await expect(work).rejects.toMatchObject({ code: 'TARGET_BUSY' })
    await blocker.script('COMMIT')
    await connection.transaction('write', () => connection.execute('INSERT INTO t VALUES (1, NULL)'))
    expect(await count(blocker)).toBe(1)
    for (const each of [blocker, connection]) await each.close()
  })

  it('goes on with statements for timing that met SQLITE_BUSY, and keeps what they write', async () => {
    const blocker = await openFile(path, lockerOf(driver))
    const connection = await openFile(path, driver)
    const single = connection.prepareTimed('INSERT INTO t VALUES (?, NULL)')
    const several = connection.prepareTimedTransaction('INSERT INTO t VALUES (?, NULL) RETURNING a')
    await blocker.script('BEGIN IMMEDIATE')
    const busy = { code: 'TARGET_BUSY' }
    await expect((async () => single.run([1n]))()).rejects.toMatchObject(busy)
    await expect((async () => several.run([[1n]]))()).rejects.toMatchObject(busy)
    await blocker.script('COMMIT')
    for (let i = 0; i < 3; i++) await single.run([2n])
    await several.run([[3n], [3n]])
    expect(await count(blocker)).toBe(5)
    for (const each of [blocker, connection]) await each.close()
  })

  it('counts the rows that a statement with RETURNING changed, and can commit after it', async () => {
    const connection = await openFile(path, driver)
    await connection.transaction('write', () =>
      connection.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b') RETURNING a"),
    )
    const fresh = await openFile(path, driver)
    expect(await count(fresh)).toBe(2)
    for (const each of [fresh, connection]) await each.close()
  })

  it('rolls back a transaction whose work throws, and says what was thrown', async () => {
    const connection = await openFile(path, driver)
    const work = connection.transaction('write', async () => {
      await connection.execute('INSERT INTO t VALUES (1, NULL)')
      throw new RangeError('stop')
    })
    await expect(work).rejects.toThrow(new RangeError('stop'))
    expect(await count(connection)).toBe(0)
    await connection.close()
  })

  it('applies its pragmas to every statement that follows', async () => {
    const connection = await openFile(path, driver, { pragmas: ['PRAGMA synchronous = OFF'] })
    const answers = await Promise.all(Array.from({ length: 5 }, () => connection.query('PRAGMA synchronous')))
    expect(answers.map(({ rows }) => rows[0]?.[0])).toEqual([0, 0, 0, 0, 0])
    await connection.close()
  })

  it('binds whole numbers as integers and keeps text, bytes, fractions and null', async () => {
    const connection = await openFile(path, driver)
    const { rows } = await connection.query('SELECT typeof(?), typeof(?), typeof(?), typeof(?), typeof(?)', [
      1,
      1.5,
      'x',
      new Uint8Array([1]),
      null,
    ])
    expect(rows).toEqual([['integer', 'real', 'text', 'blob', 'null']])
    await connection.close()
  })

  it('refuses to write when it was opened read-only', async () => {
    const connection = await openFile(path, driver, { readOnly: true })
    await expect(connection.execute('INSERT INTO t VALUES (1, NULL)')).rejects.toMatchObject({
      code: 'TARGET_READ_ONLY',
    })
    await connection.close()
  })

  it('times reads by rows returned and transactions by rows changed', async () => {
    const connection = await openFile(path, driver)
    const transaction = connection.prepareTimedTransaction('INSERT INTO t VALUES (?, ?)')
    expect(
      await transaction.run([
        [1n, 'a'],
        [2n, 'b'],
        [3n, 'c'],
      ]),
    ).toBe(3)
    const read = connection.prepareTimed('SELECT * FROM t WHERE a > ?')
    expect(await read.run([1n])).toBe(2)
    await connection.close()
  })

  it('gives every value back as it was stored: whole numbers of 64 bits, fractions, text, bytes and NULL', async () => {
    const connection = await openFile(path, driver)
    await connection.script('CREATE TABLE v (i INTEGER, r REAL, t TEXT, b BLOB, n)')
    const stored = [2n ** 63n - 1n, 0.1, "Grüße 'n' \u{1F600}", new Uint8Array([0, 255, 10]), null] as const
    await connection.execute('INSERT INTO v VALUES (?, ?, ?, ?, ?)', stored)
    await connection.execute('INSERT INTO v VALUES (?, ?, ?, ?, ?)', [
      -(2n ** 63n),
      1,
      '',
      new Uint8Array(),
      1,
    ])
    const plain = (rows: readonly Row[]): readonly (readonly unknown[])[] =>
      rows.map((row) => row.map((value) => (value instanceof Uint8Array ? [...value] : value)))
    const { columns, rows } = await connection.query('SELECT * FROM v ORDER BY i DESC')
    expect(columns).toEqual(['i', 'r', 't', 'b', 'n'])
    expect(plain(rows)).toEqual([
      [2n ** 63n - 1n, 0.1, "Grüße 'n' \u{1F600}", [0, 255, 10], null],
      [-(2n ** 63n), 1, '', [], 1],
    ])
    const exact = await connection.queryExact?.('SELECT r, n, 1, 1.0 FROM v WHERE n = ?', [1n])
    expect(exact?.rows).toEqual([[1, 1n, 1n, 1]])
    await connection.close()
  })

  it('undoes a transaction for timing whose last statement fails', async () => {
    const connection = await openFile(path, driver)
    await connection.script('CREATE UNIQUE INDEX one ON t (a)')
    const transaction = connection.prepareTimedTransaction('INSERT INTO t VALUES (?, ?)')
    const twice = [
      [1n, 'a'],
      [2n, 'b'],
      [1n, 'c'],
    ] as const
    await expect((async () => transaction.run(twice))()).rejects.toMatchObject({
      code: 'TARGET_CONSTRAINT',
      exit: 5,
    })
    expect(await count(connection)).toBe(0)
    expect(await transaction.run(twice.slice(0, 2))).toBe(2)
    await connection.close()
  })

  it('keeps foreign keys, as an application expects of it', async () => {
    const connection = await openFile(path, driver)
    await connection.script('CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p (id))')
    await expect(connection.execute('INSERT INTO c VALUES (1)')).rejects.toMatchObject({
      code: 'TARGET_CONSTRAINT',
    })
    await connection.close()
  })

  it('says what is wrong with a file: not there, or no database', async () => {
    const nowhere = join(folder, 'none', 'a.db')
    const open = async (file: string): Promise<unknown> => {
      const connection = await openFile(file, driver)
      try {
        return await connection.query('SELECT * FROM sqlite_schema')
      } finally {
        await connection.close()
      }
    }
    // libSQL gives no result code here; commands look at the path before they open it (`inspectFile`).
    const code = (await loadDriver(driver)).usesEmbeddedLibsql ? 'TARGET_FAILED' : 'TARGET_NOT_FOUND'
    await expect(open(nowhere)).rejects.toMatchObject({ code, exit: 5 })
    const junk = join(folder, 'junk.db')
    writeFileSync(junk, 'no database at all, but long enough for a header '.repeat(100))
    await expect(open(junk)).rejects.toMatchObject({ code: 'TARGET_NOT_A_DATABASE', exit: 5 })
  })

  it('plans a statement itself where its engine is not libSQL', async () => {
    const connection = await openFile(path, driver)
    await connection.script('CREATE INDEX i ON t (a)')
    const { usesEmbeddedLibsql } = await loadDriver(driver)
    const plan = await connection.explain?.('SELECT b FROM t WHERE a = ?', [1n])
    if (usesEmbeddedLibsql) expect(plan).toBeUndefined()
    else expect(plan?.map(({ detail }) => detail)).toEqual(['SEARCH t USING INDEX i (a=?)'])
    await connection.close()
  })

  it('leaves a file that libSQL reads after it is closed', async () => {
    const connection = await openFile(path, driver, { pragmas: ['PRAGMA synchronous = NORMAL'] })
    await connection.prepareTimedTransaction('INSERT INTO t VALUES (?, ?)').run([
      [1n, 'a'],
      [2n, 'b'],
    ])
    await connection.close()
    const fresh = new NativeConnection(path)
    expect(fresh.querySync('SELECT * FROM t').rows).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    fresh.close()
  })

  it('says in one line what is wrong with a statement', async () => {
    const connection = await openFile(path, driver)
    await expect(connection.query('SELEC 1')).rejects.toMatchObject({
      code: 'TARGET_SQL',
      message: expect.stringMatching(/^[^\n]*syntax error[^\n]*$/),
    })
    await connection.close()
  })
})

describe('EXPLAIN QUERY PLAN', () => {
  it('leaves no read snapshot behind: others may write, drop and checkpoint at once', () => {
    const writer = new NativeConnection(path)
    writer.scriptSync('CREATE INDEX i ON t (a)')
    expect(explainQueryPlan(path, 'SELECT * FROM t WHERE a = ?', [1])[0]?.detail).toContain('USING INDEX i')
    writer.executeSync('INSERT INTO t VALUES (1, NULL)')
    expect(writer.querySync('PRAGMA wal_checkpoint(TRUNCATE)').rows).toEqual([[0, 0, 0]])
    writer.scriptSync('DROP INDEX i')
    expect(explainQueryPlan(path, 'SELECT * FROM t WHERE a = ?', [1])[0]?.detail).toBe('SCAN t')
    writer.close()
  })

  it('plans with the bound arguments, as the statement will run', () => {
    const writer = new NativeConnection(path)
    writer.scriptSync("CREATE INDEX running ON t (a) WHERE b = 'running'")
    const sql = 'SELECT * FROM t WHERE b = ? ORDER BY a DESC LIMIT 2'
    expect(explainQueryPlan(path, sql, ['running']).map(({ detail }) => detail)).toEqual([
      'SCAN t USING COVERING INDEX running',
    ])
    expect(explainQueryPlan(path, sql, ['done']).map(({ detail }) => detail)).toContain(
      'USE TEMP B-TREE FOR ORDER BY',
    )
    writer.close()
  })
})
