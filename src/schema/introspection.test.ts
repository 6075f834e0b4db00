import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../target/connection.ts'
import type { DriverName } from '../target/drivers.ts'
import { explainQueryPlan } from '../target/explain.ts'
import { NativeConnection } from '../target/native.ts'
import { openFile } from '../target/open.ts'
import { listIndexes, readIndexSql } from './indexes.ts'
import { fileSize, objectSizes } from './sizes.ts'
import { analyze, dropStatistics, statisticsState } from './statistics.ts'

const schema = `CREATE TABLE t (id TEXT PRIMARY KEY, a TEXT, b INTEGER);
CREATE INDEX t_a ON t (a) WHERE b > 5;
CREATE INDEX t_b ON t (b);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
INSERT INTO t SELECT printf('%036d', i), 'x' || (i % 2), i % 10 FROM n`

describe.each<DriverName>(['libsql', '@libsql/client'])('through %s', (driver) => {
  let folder: string
  let path: string
  let connection: Connection
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'forgebench-introspection-'))
    path = join(folder, 'a.db')
    connection = await openFile(path, driver)
    await connection.script(schema)
  })
  afterEach(async () => {
    await connection.close()
    rmSync(folder, { recursive: true })
  })

  it('measures every table and index, and the file', async () => {
    const sizes = new Map((await objectSizes(connection)).map((object) => [object.name, object]))
    expect(sizes.get('t_a')).toMatchObject({ kind: 'index', table: 't', cells: 800 })
    expect(sizes.get('t_b')).toMatchObject({ kind: 'index', table: 't', cells: 2000 })
    expect(sizes.get('sqlite_autoindex_t_1')).toMatchObject({ kind: 'index', table: 't' })
    expect(sizes.get('t')?.payloadBytes).toBeGreaterThan(2000 * 40)
    const file = await fileSize(connection)
    expect(file.bytes).toBe(statSync(path).size)
    expect([...sizes.values()].reduce((pages, object) => pages + object.pages, 0)).toBe(
      file.pages - file.freePages,
    )
  })

  it('lists indexes with columns and predicate', async () => {
    expect(await listIndexes(connection)).toMatchObject([
      { name: 't_a', table: 't', columns: ['a'], predicate: 'b > 5', unique: false },
      { name: 't_b', table: 't', columns: ['b'], predicate: undefined },
    ])
  })

  it('analyses, and forgets the statistics again for this connection and new ones', async () => {
    const plan = (): string =>
      explainQueryPlan(path, 'SELECT * FROM t WHERE b = ? AND a = ?', [7, 'x1'])[0]?.detail ?? ''
    const bare = plan()
    expect(await statisticsState(connection)).toBe('none')
    await analyze(connection)
    expect(await statisticsState(connection)).toBe('analyzed')
    await dropStatistics(connection)
    expect(await statisticsState(connection)).toBe('none')
    expect(plan()).toBe(bare)
    const left = await connection.query(`SELECT name FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'`)
    expect(left.rows).toEqual([])
    await dropStatistics(connection)
  })
})

it('makes a connection that has seen statistics plan without them again', async () => {
  const connection = new NativeConnection(':memory:')
  connection.scriptSync(`CREATE TABLE t (a, b); CREATE INDEX t_ab ON t (a, b);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t SELECT i % 2, i FROM n`)
  // With statistics, few values of `a` allow a skip-scan.
  const plan = (): string => {
    const statement = connection.prepare('EXPLAIN QUERY PLAN SELECT * FROM t WHERE b = 7')
    const detail = String(statement.all([])[0]?.[3])
    statement.get([])
    return detail
  }
  const bare = plan()
  await analyze(connection)
  expect(plan()).toContain('ANY(a)')
  await dropStatistics(connection)
  expect(plan()).toBe(bare)
  connection.close()
})

it('reads expressions, orders and odd names of an index', () => {
  const sql = `CREATE UNIQUE INDEX "i where" ON "t (x)" (lower(a, 'b,c'), "d e" DESC) WHERE (a IN (1, 2)) AND b`
  expect(readIndexSql(sql)).toEqual({
    unique: true,
    columns: [`lower(a, 'b,c')`, '"d e" DESC'],
    predicate: '(a IN (1, 2)) AND b',
  })
})
