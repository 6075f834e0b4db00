import { expect, test } from 'vitest'
import { smallerStatements } from './smaller-statements.ts'

test('each is the query without one of its parts, and without the arguments of that part', () => {
  const sql = `SELECT a, (SELECT max(x) FROM u WHERE u.y = ?) AS b -- why
    FROM t WHERE a BETWEEN ? AND ? AND b = 'x AND ?' ORDER BY a, b LIMIT ?`
  expect(smallerStatements({ sql, args: [1, 2, 3, 4] })).toEqual([
    {
      sql: "SELECT a, (SELECT max(x) FROM u WHERE u.y = ?) AS b FROM t WHERE a BETWEEN ? AND ? AND b = 'x AND ?' ORDER BY a, b",
      args: [1, 2, 3],
    },
    {
      sql: "SELECT a, (SELECT max(x) FROM u WHERE u.y = ?) AS b FROM t WHERE b = 'x AND ?' ORDER BY a, b LIMIT ?",
      args: [1, 4],
    },
    {
      sql: 'SELECT a, (SELECT max(x) FROM u WHERE u.y = ?) AS b FROM t WHERE a BETWEEN ? AND ? ORDER BY a, b LIMIT ?',
      args: [1, 2, 3, 4],
    },
    {
      sql: "SELECT (SELECT max(x) FROM u WHERE u.y = ?) AS b FROM t WHERE a BETWEEN ? AND ? AND b = 'x AND ?' ORDER BY a, b LIMIT ?",
      args: [1, 2, 3, 4],
    },
    {
      sql: "SELECT a FROM t WHERE a BETWEEN ? AND ? AND b = 'x AND ?' ORDER BY a, b LIMIT ?",
      args: [2, 3, 4],
    },
  ])
})

test.each([
  ['SELECT a FROM t', []],
  ['SELECT a FROM t WHERE a = 1 OR b = 2 AND c = 3;', ['SELECT a FROM t']],
  ['SELECT DISTINCT a, b FROM t', ['SELECT DISTINCT b FROM t', 'SELECT DISTINCT a FROM t']],
  ['SELECT a FROM t UNION SELECT b FROM u ORDER BY 1', []],
  [
    'WITH w AS (SELECT 1 AS a WHERE 1) SELECT a FROM w ORDER BY a',
    ['WITH w AS (SELECT 1 AS a WHERE 1) SELECT a FROM w'],
  ],
  ['', []],
])('%s', (sql, smaller) => {
  expect(smallerStatements({ sql, args: [] }).map((each) => each.sql)).toEqual(smaller)
})
