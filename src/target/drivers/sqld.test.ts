import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadDriver, serverDrivers } from '../drivers.ts'
import { explainQueryPlan } from '../explain.ts'
import { NativeConnection } from '../native.ts'
import { findSqld } from '../server/sqld-process.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forgebench-sqld-driver-'))
  path = join(folder, 'a database #1.db')
  const setup = new NativeConnection(path)
  setup.scriptSync(`CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c TEXT);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
      INSERT INTO t SELECT i, 'b' || (i % 10), CASE i % 50 WHEN 0 THEN 'running' ELSE 'done' END FROM n;
    CREATE INDEX by_b ON t (b);
    CREATE INDEX running ON t (b) WHERE c = 'running';
    ANALYZE`)
  setup.close()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const sqld = await findSqld()

describe.skipIf(sqld === undefined).each(serverDrivers)('the driver %s (needs sqld)', (name) => {
  it('gives a file to a server, and back with all that was acknowledged', async () => {
    const driver = await loadDriver(name)
    const connection = await driver.open(path, {})
    const insert = connection.prepareTimedTransaction('INSERT INTO t (b) VALUES (?)')
    expect(await insert.run([['new'], ['new']])).toBe(2)
    expect(await connection.prepareTimed('UPDATE t SET c = ? WHERE b = ?').run(['x', 'new'])).toBe(2)
    expect(await connection.prepareTimed('SELECT a FROM t WHERE b = ?').run(['new'])).toBe(2)
    await connection.transaction('write', async () => {
      await connection.execute('INSERT INTO t (b) VALUES (?)', ['in a transaction'])
      expect((await connection.query('SELECT count(*) FROM t')).rows).toEqual([[503]])
    })
    const undone = connection.transaction('write', async () => {
      await connection.execute('DELETE FROM t')
      throw new RangeError('stop')
    })
    await expect(undone).rejects.toThrow(new RangeError('stop'))
    await connection.close()

    expect(readdirSync(folder)).toEqual(['a database #1.db'])
    const file = new NativeConnection(path)
    expect(file.querySync("SELECT count(*), count(*) FILTER (WHERE c = 'x') FROM t").rows).toEqual([[503, 2]])
    expect(file.querySync('PRAGMA integrity_check').rows).toEqual([['ok']])
    file.close()
  })

  it('reads a copy: the file stays as it is, where others read it at the same time', async () => {
    const driver = await loadDriver(name)
    const [one, two] = await Promise.all([1, 2].map(() => driver.open(path, { readOnly: true })))
    for (const each of [one!, two!]) {
      expect((await each.query('SELECT a, b, 9007199254740993 FROM t WHERE a = ?', [7])).rows).toEqual([
        [7, 'b7', 9007199254740993n],
      ])
      await each.close()
    }
    expect(existsSync(path)).toBe(true)
  })

  it('plans as the engine does on the file, with its statistics and the arguments given', async () => {
    const connection = await (await loadDriver(name)).open(path, { readOnly: true })
    for (const [sql, args] of [
      ['SELECT * FROM t WHERE b = ?', ['b1']],
      ['SELECT * FROM t WHERE c = ? AND b = ?', ['running', 'b0']],
      ['SELECT * FROM t WHERE c = ? AND b = ?', ['done', 'b0']],
      ['SELECT b, count(*) FROM t GROUP BY b ORDER BY 2', []],
    ] as const) {
      const details = ((await connection.explain?.(sql, args)) ?? []).map(({ detail }) => detail)
      expect(details).toEqual(explainQueryPlan(path, sql, args).map(({ detail }) => detail))
    }
    await connection.close()
  })

  it('says what the server counted, and what it refuses', async () => {
    const connection = await (await loadDriver(name)).open(path, {})
    expect(await connection.countRows?.('SELECT * FROM t WHERE a <= ?', [20])).toMatchObject({
      // The row that ends the range is read too.
      rowsRead: 21,
      rowsWritten: 0,
    })
    const update = await connection.countRows?.("UPDATE t SET c = 'y' WHERE a <= ?", [5])
    expect(update).toMatchObject({ rowsWritten: 5 })
    expect(update?.serverNs).toBeGreaterThan(0)
    await expect(connection.query('SELECT missing FROM t')).rejects.toMatchObject({
      code: 'TARGET_SQL',
      exit: 5,
    })
    await expect(connection.script('ANALYZE')).rejects.toMatchObject({ exit: 5 })
    await expect(connection.execute('INSERT INTO t (a) VALUES (?)', [1])).rejects.toMatchObject({
      code: 'TARGET_CONSTRAINT',
    })
    await connection.close()
  })

  it('has versions of its own, and says what it lacks', async () => {
    const driver = await loadDriver(name)
    expect(await driver.versions()).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+/),
      sqlite: expect.stringMatching(/^3\./),
      concurrency: 1,
    })
    expect(driver.lacks.join()).toContain('ANALYZE')
    await expect(driver.open('', {})).rejects.toThrow(RangeError)
  })
})
