import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../target/connection.ts'
import { NativeConnection } from '../target/native.ts'
import { countStatement, type Counters } from './counters.ts'

const folder = mkdtempSync(join(tmpdir(), 'counters-'))
const path = join(folder, 'a.db')
const rows = 500

beforeAll(() => {
  const connection = new NativeConnection(path)
  connection.scriptSync(`CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER, c TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
  INSERT INTO t SELECT i, i % 7, 'c' || i FROM n`)
  connection.close()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function count(sql: string, ...tuples: readonly Row[]): Counters {
  const connection = new NativeConnection(path)
  try {
    return countStatement(connection, sql, (statement) => {
      for (const args of tuples) statement.all(args)
    })
  } finally {
    connection.close()
  }
}

describe('the counters of a statement', () => {
  test('are the same every time', () => {
    const sql = 'SELECT * FROM t WHERE b = ? ORDER BY c'
    expect(count(sql, [3n], [4n])).toEqual(count(sql, [3n], [4n]))
  })

  test('tell a full scan from a search', () => {
    const scan = count('SELECT * FROM t WHERE b = ?', [3n])
    expect(scan).toMatchObject({ fullScanSteps: rows - 1, sorts: 0, autoIndexRows: 0 })
    const search = count('SELECT * FROM t WHERE a = ?', [3n])
    expect(search.fullScanSteps).toBe(0)
    expect(search.vmSteps).toBeLessThan(scan.vmSteps / 20)
  })

  test('count a sort that no index saves', () => {
    expect(count('SELECT * FROM t ORDER BY c').sorts).toBe(0)
    expect(count('SELECT * FROM t ORDER BY c', []).sorts).toBe(1)
    expect(count('SELECT * FROM t ORDER BY a', []).sorts).toBe(0)
  })

  test('count the rows of an automatic index', () => {
    const sql = 'SELECT count(*) FROM t AS x JOIN t AS y ON x.b = y.b + 0 AND y.c = x.c'
    // As with the scan, the step to the first row is not counted.
    expect(count(sql, []).autoIndexRows).toBe(rows - 1)
  })

  test('add up over the executions', () => {
    const once = count('SELECT * FROM t WHERE b = ?', [3n])
    const thrice = count('SELECT * FROM t WHERE b = ?', [3n], [3n], [3n])
    expect(thrice.fullScanSteps).toBe(3 * once.fullScanSteps)
    expect(thrice.vmSteps).toBe(3 * once.vmSteps)
  })
})
