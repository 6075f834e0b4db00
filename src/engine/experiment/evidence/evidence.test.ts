import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DriverName } from '../../../target/drivers.ts'
import { NativeConnection } from '../../../target/native.ts'
import type { EvidenceOperation } from './ask-all.ts'
import { gatherEvidence, type OperationEvidence } from './evidence.ts'
import type { Findings } from '../findings.ts'
import type { Measurement } from '../measurement.ts'
import { verifyWrites } from '../verify-writes.ts'

const folder = mkdtempSync(join(tmpdir(), 'evidence-'))
const readPath = join(folder, 'stage.db')
let clones = 0

/** A copy of the stage for one test. */
const clone = (): string => {
  const path = join(folder, `clone-${clones++}.db`)
  copyFileSync(readPath, path)
  return path
}

beforeAll(() => {
  const connection = new NativeConnection(readPath)
  connection.scriptSync(`CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO t SELECT i, i % 5 FROM n;
PRAGMA journal_mode = WAL`)
  connection.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const read = (
  more: { readonly min?: number; readonly max?: number; readonly b?: number } = {},
): EvidenceOperation => {
  const { min = 1, max = 10, b = 3 } = more
  return {
    id: 'Q1',
    kind: 'read',
    sql: 'SELECT a FROM t WHERE b = ? ORDER BY a DESC',
    args: [[BigInt(b)], [BigInt(b)]],
    minRows: min,
    maxRows: max,
    order: { pageSize: max, orderedBy: ['a'] },
  }
}
const insert: EvidenceOperation = {
  id: 'W1',
  kind: 'write',
  sql: 'INSERT INTO t (b) VALUES (?)',
  args: [[7n], [8n], [9n]],
}

async function lookAt(
  operation: EvidenceOperation,
  driver: DriverName = 'libsql',
): Promise<OperationEvidence> {
  const task = { scenario: 'mine', variant: 'baseline', readPath, driver, asksAgain: true }
  const [found] = await gatherEvidence({ ...task, writePath: clone(), operations: [operation] })
  if (found === undefined) throw new Error('no evidence')
  return found
}

describe('evidence of a read', () => {
  test('is its answer, its plan and its counters', async () => {
    expect(await lookAt(read())).toMatchObject({
      operation: 'Q1',
      rows: 20,
      executions: 2,
      explain: [{ detail: 'SCAN t' }],
      counters: { fullScanSteps: 98, walBytes: null },
      problem: null,
    })
  })

  test('is the same through either driver', async () => {
    expect(await lookAt(read(), '@libsql/client')).toEqual(await lookAt(read()))
  })

  test.each([
    [{ min: 11, max: 20 }, '10 rows where 11 to 20 are due'],
    [{ min: 1, max: 9 }, '10 rows where 1 to 9 are due'],
    [{ min: 0, b: 99 }, 'no execution returned a row, so nothing would be measured'],
  ])('speaks against rows out of the bounds %j', async (bounds, problem) => {
    expect(await lookAt(read(bounds))).toMatchObject({ problem })
  })
})

describe('a read', () => {
  test.each([
    "SELECT a, strftime('%f', 'now') AS moment FROM t WHERE b = ?",
    'SELECT a FROM t WHERE b = ? AND random() % 2 = 0',
  ])('whose answer does not repeat on one database is told so: %s', async (sql) => {
    for (const driver of ['libsql', '@libsql/client'] as const) {
      const asked = { ...read({ min: 0 }), sql, order: { pageSize: 100 } } as EvidenceOperation
      const { problem } = await lookAt(asked, driver)
      expect(problem).toMatch(/^its answer does not repeat on one database/)
    }
  })

  test('is told apart from another by the last digit of a whole number of 64 bits', async () => {
    const answer = (value: bigint): EvidenceOperation => ({
      ...read(),
      sql: `SELECT ${value} AS a FROM t WHERE a = ?`,
    })
    for (const driver of ['libsql', '@libsql/client'] as const) {
      const digests = [2n ** 53n, 2n ** 53n + 1n].map(
        async (n) => (await lookAt(answer(n), driver)).answerDigest,
      )
      expect(new Set(await Promise.all(digests)).size).toBe(2)
    }
  })

  test.each([
    ['SELECT no_column FROM t WHERE b = ?', undefined, 'OPERATION_SQL', 'no such column: no_column'],
    [
      'SELECT b FROM t WHERE b = ?',
      undefined,
      'ORDERED_BY',
      'orderedBy names "a", which is not among the columns returned (b)',
    ],
  ])('that cannot be asked is named, with its scenario and variant: %s', async (sql, _, code, message) => {
    await expect(lookAt({ ...read(), sql } as EvidenceOperation)).rejects.toMatchObject({
      code,
      exit: 2,
      message: expect.stringContaining(`mine: Q1 on baseline: ${message}`),
    })
  })
})

describe('evidence of a write', () => {
  test('is the rows that it changed and what it appended to the log', async () => {
    const { counters, ...found } = await lookAt(insert)
    expect(found).toMatchObject({ rows: 3, executions: 3, answerDigest: null, problem: null })
    // A header, and whole pages with theirs.
    expect(((counters.walBytes ?? 0) - 32) % (4096 + 24)).toBe(0)
    expect(counters.walBytes).toBeGreaterThan(4096)
  })

  test('speaks against a write that changes nothing', async () => {
    const nothing = { ...insert, sql: 'UPDATE t SET b = 1 WHERE a = ?', args: [[1000n]] }
    expect(await lookAt(nothing)).toMatchObject({
      problem: 'no row was written, so nothing would be measured',
    })
  })

  test('is left out where a variant has no clone', async () => {
    expect(
      await gatherEvidence({
        scenario: 'mine',
        variant: 'baseline',
        readPath,
        writePath: null,
        driver: 'libsql',
        asksAgain: false,
        operations: [insert],
      }),
    ).toEqual([])
  })
})

describe('acknowledged writes', () => {
  /** Verifies a clone that holds `stored` new rows, when `acknowledged` were. */
  function verify(stored: number, acknowledged: number, sql = 'INSERT INTO t (b) VALUES (?)'): void {
    const path = clone()
    const connection = new NativeConnection(path)
    for (let i = 0; i < Math.abs(stored); i++) {
      connection.executeSync(stored > 0 ? 'INSERT INTO t (b) VALUES (0)' : `DELETE FROM t WHERE a = ${i + 1}`)
    }
    connection.close()
    const measurement = {
      loaded: { id: 'mine', scenario: { operations: [{ id: 'W1', kind: 'write', sql }] } },
      variants: [
        { id: 'v', stage: { path: readPath }, clonePath: path },
        { id: 'v:no-stats', stage: { path: readPath }, clonePath: null },
      ],
    } as unknown as Measurement
    const evidence = [{ variant: 'v', operations: [{ operation: 'W1', rows: acknowledged }] }]
    verifyWrites(measurement, {
      warnings: [],
      complete: false,
      evidence,
    } as unknown as Findings)
  }

  test('that are all stored are believed', () => {
    expect(() => verify(7, 7)).not.toThrow()
    expect(() => verify(-3, 3, 'DELETE FROM t WHERE a = ?')).not.toThrow()
    expect(() => verify(0, 5, 'UPDATE t SET b = ? WHERE a = ?')).not.toThrow()
  })

  test.each([
    [6, 7, 'INSERT INTO t (b) VALUES (?)', 'changed by 6 rows, but 7 were acknowledged'],
    [8, 7, 'insert or replace into "t" (b) VALUES (?)', 'changed by 8 rows, but 7 were acknowledged'],
    [-2, 3, 'DELETE FROM t WHERE a = ?', 'changed by -2 rows, but -3 were acknowledged'],
  ])('%i stored of %i by «%s» are lost', (stored, acknowledged, sql, message) => {
    expect(() => verify(stored, acknowledged, sql)).toThrow(
      expect.objectContaining({ code: 'WRITES_LOST', exit: 4, message: `mine: t on v ${message}` }),
    )
  })
})
