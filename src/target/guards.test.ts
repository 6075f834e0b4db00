import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from './connection.ts'
import { explainQueryPlan } from './explain.ts'
import { NativeConnection } from './native.ts'
import { openFile } from './open.ts'

const drivers = ['libsql', '@libsql/client'] as const

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

describe.each(drivers)('a connection through %s', (driver) => {
  it('is refused without a path, for which SQLite would make a new and empty database', async () => {
    for (const readOnly of [true, false])
      await expect(openFile('', driver, { readOnly })).rejects.toThrow(RangeError)
  })

  it('keeps every write that it acknowledges after a SQLITE_BUSY', async () => {
    const blocker = new NativeConnection(path)
    const connection = await openFile(path, driver)
    blocker.scriptSync('BEGIN IMMEDIATE')
    await expect(connection.execute('INSERT INTO t VALUES (1, ?)', ['lost'])).rejects.toMatchObject({
      code: 'TARGET_BUSY',
      exit: 5,
    })
    blocker.scriptSync('COMMIT')
    for (let i = 0; i < 10; i++) await connection.execute('INSERT INTO t VALUES (2, ?)', ['kept'])
    const fresh = new NativeConnection(path)
    expect(fresh.querySync('SELECT count(*) FROM t').rows).toEqual([[10]])
    // And the connection holds no lock: another writer gets through.
    fresh.executeSync('INSERT INTO t VALUES (3, NULL)')
    expect(await count(connection)).toBe(11)
    for (const each of [blocker, connection, fresh]) await each.close()
  })

  it('goes on after a batch that met SQLITE_BUSY', async () => {
    const blocker = new NativeConnection(path)
    const connection = await openFile(path, driver)
    blocker.scriptSync('BEGIN IMMEDIATE')
    const work = connection.transaction('write', () => connection.execute('INSERT INTO t VALUES (1, NULL)'))
    await expect(work).rejects.toMatchObject({ code: 'TARGET_BUSY' })
    blocker.scriptSync('COMMIT')
    await connection.transaction('write', () => connection.execute('INSERT INTO t VALUES (1, NULL)'))
    expect(await count(blocker)).toBe(1)
    for (const each of [blocker, connection]) await each.close()
  })

  it('goes on with statements for timing that met SQLITE_BUSY, and keeps what they write', async () => {
    const blocker = new NativeConnection(path)
    const connection = await openFile(path, driver)
    const single = connection.prepareTimed('INSERT INTO t VALUES (?, NULL)')
    const several = connection.prepareTimedTransaction('INSERT INTO t VALUES (?, NULL) RETURNING a')
    blocker.scriptSync('BEGIN IMMEDIATE')
    const busy = { code: 'TARGET_BUSY' }
    await expect((async () => single.run([1n]))()).rejects.toMatchObject(busy)
    await expect((async () => several.run([[1n]]))()).rejects.toMatchObject(busy)
    blocker.scriptSync('COMMIT')
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
    const fresh = new NativeConnection(path)
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
    const connection = await openFile(path, driver, { pragmas: ['PRAGMA cache_size = -777'] })
    const answers = await Promise.all(Array.from({ length: 5 }, () => connection.query('PRAGMA cache_size')))
    expect(answers.map(({ rows }) => rows[0]?.[0])).toEqual([-777, -777, -777, -777, -777])
    await connection.close()
  })

  it('binds whole numbers as integers and keeps text, bytes, fractions and null', async () => {
    const connection = await openFile(path, driver)
    const { rows } = await connection.query(
      'SELECT typeof(?1), typeof(?2), typeof(?3), typeof(?4), typeof(?5)',
      [1, 1.5, 'x', new Uint8Array([1]), null],
    )
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
