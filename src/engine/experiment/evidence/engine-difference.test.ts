import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection, Row, Rows, SqlValue } from '../../../target/connection.ts'
import type { Driver } from '../../../target/driver.ts'
import { NativeConnection } from '../../../target/native.ts'
import type { EvidenceOperation } from './ask-all.ts'
import type { EngineDifference } from './engine-difference.ts'
import { gatherEvidence } from './evidence.ts'

const folder = mkdtempSync(join(tmpdir(), 'engine-difference-'))
const path = join(folder, 'a.db')

beforeAll(() => {
  const connection = new NativeConnection(path)
  connection.scriptSync(`CREATE TABLE t (id INTEGER PRIMARY KEY, kind TEXT, price REAL, name TEXT, raw BLOB, big INTEGER, note TEXT, done);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
INSERT INTO t SELECT i, 'k' || (i % 3), i * 1.111, 'Ärger ' || i, x'00ff10', 9007199254740990 + i, iif(i = 4, NULL, ''), i % 2 FROM n;
UPDATE t SET price = 2.0, name = 'é' WHERE id = 5;
UPDATE t SET price = 0.0 WHERE id = 8`)
  connection.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const read: EvidenceOperation & { readonly kind: 'read' } = {
  id: 'Q1',
  kind: 'read',
  sql: 'SELECT id, price, name, raw, big, note, done FROM t WHERE id > ? AND kind <> ? ORDER BY id LIMIT 10',
  args: [
    [90n, 'none'],
    [1n, 'none'],
    [2n, 'none'],
  ],
  order: { orderedBy: ['id'], pageSize: 100 },
  minRows: 0,
  maxRows: 100,
}

/** A driver whose engine answers as libSQL does, but for one lie. */
const lyingDriver = (lie: (answer: Rows, sql: string) => Rows): Driver => ({
  usesEmbeddedLibsql: false,
  lacks: [],
  versions: async () => ({ version: '1', sqlite: '3' }),
  open: async (file, options) => {
    const honest = new NativeConnection(file, options)
    const lying: Partial<Connection> = {
      query: async (sql, args) => lie(await honest.query(sql, args), sql),
      queryExact: async (sql, args) => lie(await honest.queryExact(sql, args), sql),
      close: () => honest.close(),
    }
    return lying as Connection
  },
})

async function differenceOf(
  lie: (answer: Rows, sql: string) => Rows,
  operation: EvidenceOperation = read,
): Promise<EngineDifference | undefined> {
  const task = { scenario: 's', variant: 'v', readPath: path, writePath: null, asksAgain: false } as const
  const [found] = await gatherEvidence(
    { ...task, driver: 'better-sqlite3', referencePath: path, operations: [operation] },
    lyingDriver(lie),
  )
  return found?.difference
}

/** Lies about one value of the row with this id, wherever that column is asked for. */
const about =
  (id: number, column: string, value: (honest: SqlValue) => SqlValue) =>
  ({ columns, rows }: Rows): Rows => {
    const [of, at] = [columns.indexOf('id'), columns.indexOf(column)]
    return {
      columns,
      rows: rows.map((row) =>
        Number(row[of]) === id ? row.map((each, index) => (index === at ? value(each) : each)) : row,
      ),
    }
  }

const rowsOnly =
  (change: (rows: readonly Row[]) => readonly Row[]) =>
  ({ columns, rows }: Rows): Rows => ({ columns, rows: change(rows) })

const isFive = (row: Row): boolean => Number(row[0]) === 5

describe('a lie of another engine is found', () => {
  test.each<[string, (answer: Rows) => Rows, EngineDifference['kind']]>([
    ['another row', about(5, 'id', () => 99n), 'values'],
    ['a missing row', rowsOnly((rows) => rows.filter((row) => !isFive(row))), 'rows'],
    ['no rows', rowsOnly(() => []), 'rows'],
    ['a row twice', rowsOnly((rows) => rows.flatMap((row) => (isFive(row) ? [row, row] : [row]))), 'rows'],
    [
      'a row twice in place of another',
      rowsOnly((rows) => rows.map((row, index) => (isFive(row) ? (rows[index - 1] ?? row) : row))),
      'values',
    ],
    ['another order', rowsOnly((rows) => rows.toReversed()), 'order'],
    ['NULL for an empty text', about(5, 'note', () => null), 'values'],
    ['an empty text for NULL', about(4, 'note', () => ''), 'values'],
    ['an integer as a real', about(5, 'done', Number), 'values'],
    ['a real as an integer', about(5, 'price', () => 2n), 'values'],
    ['an integer as text', about(5, 'done', String), 'values'],
    [
      'a real rounded to two digits',
      about(7, 'price', (price) => Number(Number(price).toFixed(1))),
      'values',
    ],
    ['a real off in its 11th digit', about(7, 'price', (price) => Number(price) * (1 + 1e-11)), 'values'],
    ['other case', about(5, 'name', (name) => String(name).toUpperCase()), 'values'],
    ['text cut off', about(7, 'name', (name) => String(name).slice(0, -1)), 'values'],
    ['text with a blank at its end', about(7, 'name', (name) => `${String(name)} `), 'values'],
    ['text in another normal form', about(5, 'name', (name) => String(name).normalize('NFD')), 'values'],
    ['one byte changed', about(5, 'raw', () => new Uint8Array([0, 255, 17])), 'values'],
    ['bytes as text', about(5, 'raw', () => '00ff10'), 'values'],
    ['a whole number of 64 bits off by one', about(5, 'big', (big) => (big as bigint) + 1n), 'values'],
    ['a truth value as text', about(5, 'done', () => 'true'), 'values'],
    ['zero with a sign', about(8, 'price', () => -0), 'values'],
    [
      'a column more',
      ({ columns, rows }) => ({ columns: [...columns, 'x'], rows: rows.map((row) => [...row, 1n]) }),
      'columns',
    ],
  ])('%s', async (_, lie, kind) => {
    expect(await differenceOf(lie)).toMatchObject({ kind, refusal: null })
  })

  test('and the truth is not', async () => {
    expect(await differenceOf((answer) => answer)).toBeUndefined()
  })

  test('but sums that were added in another order are equal', async () => {
    expect(await differenceOf(about(7, 'price', (price) => Number(price) * (1 + 4e-16)))).toBeUndefined()
  })
})

test('the smallest statement that shows it is told, with its arguments and the row', async () => {
  const lie = ({ columns, rows }: Rows): Rows => {
    const at = columns.indexOf('name')
    return {
      columns,
      rows: rows.map((row) => row.map((each, index) => (index === at && each === 'é' ? 'e' : each))),
    }
  }
  expect(await differenceOf(lie)).toEqual({
    kind: 'values',
    refusal: null,
    sql: 'SELECT name FROM t',
    args: [],
    expected: "'é'",
    found: "'e'",
  })
})

test('a condition that the difference needs stays, with its argument', async () => {
  const lie = (answer: Rows, sql: string): Rows =>
    sql.includes('kind <> ?') ? { ...answer, rows: answer.rows.slice(1) } : answer
  expect(await differenceOf(lie)).toMatchObject({
    kind: 'rows',
    sql: 'SELECT done FROM t WHERE kind <> ?',
    args: ["'none'"],
  })
})

test('a statement that the engine refuses is a difference too, in its own words', async () => {
  const refusing = lyingDriver((answer) => answer)
  const driver: Driver = {
    ...refusing,
    open: async (file, options) => {
      const connection = await refusing.open(file, options)
      const own = new NativeConnection(file, options)
      return {
        ...connection,
        queryExact: async (sql: string, args: Row) =>
          own.queryExact(sql.includes('rank()') ? 'SELECT no_such_rank()' : sql, args),
        close: () => own.close(),
      } as Connection
    },
  }
  const sql = 'SELECT id, rank() OVER (ORDER BY id) AS r FROM t WHERE id > ? ORDER BY id'
  const [found] = await gatherEvidence(
    {
      scenario: 's',
      variant: 'v',
      readPath: path,
      writePath: null,
      asksAgain: true,
      driver: 'better-sqlite3',
      referencePath: path,
      operations: [{ ...read, sql, args: [[1n]] }],
    },
    driver,
  )
  expect(found).toMatchObject({
    rows: 0,
    answerDigest: null,
    problem: null,
    difference: {
      kind: 'refused',
      refusal: expect.stringContaining('no such function: no_such_rank'),
      sql: 'SELECT rank() OVER (ORDER BY id) AS r FROM t',
      args: [],
    },
  })
})
