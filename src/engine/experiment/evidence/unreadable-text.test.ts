import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { UsageError } from '../../../core/errors.ts'
import type { Operation } from '../../../scenario/scenario.ts'
import type { Row } from '../../../target/connection.ts'
import { NativeConnection } from '../../../target/native.ts'
import { sideKey, type RoundSpending } from '../plan-round.ts'
import { runRoundInChild, timeRounds, type RoundsWork } from '../time-rounds.ts'
import { findUnreadableText, namingUnreadableText } from './unreadable-text.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-unreadable-'))
const path = join(folder, 'a.db')
const sql =
  'SELECT a.id, b.id, b."line;item", NULL FROM t AS a JOIN t AS b ON a.id = b.id WHERE a.id = ?; -- end'

beforeAll(() => {
  const connection = new NativeConnection(path)
  connection.scriptSync(`CREATE TABLE t (id INTEGER PRIMARY KEY, "line;item" TEXT)`)
  connection.scriptSync(`INSERT INTO t VALUES (1, 'fine'), (2, CAST(x'62ff' AS TEXT)), (3, x'ff')`)
  connection.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

test('finds the operation and the column of a text that is not UTF-8, among all arguments', async () => {
  const reads = [
    { id: 'Q1', sql: 'SELECT id FROM t', args: [[]] },
    { id: 'Q2', sql, args: [[1], [3], [2]] },
  ]
  expect(await findUnreadableText({ path, reads })).toEqual({ operation: 'Q2', column: 'line;item' })
})

test('finds none in texts that can be read, and in bytes', async () => {
  expect(await findUnreadableText({ path, reads: [{ id: 'Q2', sql, args: [[1], [3]] }] })).toBeNull()
})

test('leaves other errors as they are, and this one too where the text is gone', async () => {
  const other = new UsageError('OPERATION_SQL', 'no such table')
  expect(await namingUnreadableText('a scenario', [], other)).toBe(other)
  const gone = new UsageError('TEXT_NOT_UTF8', 'as the process said')
  expect(await namingUnreadableText('a scenario', [{ variant: 'v', path, reads: [] }], gone)).toBe(gone)
})

/** Rounds of one operation on one variant, in real processes. */
async function timeOne(operation: Partial<Operation>, args: readonly Row[]): Promise<unknown> {
  const spending: RoundSpending = {
    times: new Map([[sideKey('Q2', 'b'), 5]]),
    sliceMs: 5,
    warmupMs: 1,
    longestRound: 2,
  }
  const work: RoundsWork = {
    scenario: 'own',
    subjects: [{ id: 'b', driver: 'libsql', path }],
    seed: 1,
    mostRounds: 1,
    fewestRounds: 1,
    maxSeconds: 5,
    pilots: [],
    spend: () => spending,
    take: () => [],
    emit: () => undefined,
    signal: new AbortController().signal,
    runRound: runRoundInChild,
  }
  const own = { id: 'Q2', ...operation } as Operation
  return timeRounds(work, [{ operation: own, sides: [{ variant: 'b', operation: own, args }] }]).catch(
    (error: unknown) => error,
  )
}

test('a timed round that meets such a text says which operation on which variant, column and fix, and no path', async () => {
  expect(await timeOne({ kind: 'read', sql }, [[1], [2]])).toMatchObject({
    code: 'TEXT_NOT_UTF8',
    exit: 2,
    message:
      'own, round 1: Q2 on b: column «line;item» holds a text that is not valid UTF-8, which the driver cannot read; select it as CAST("line;item" AS BLOB), or repair its rows',
  })
})

test('so does a statement that the engine refuses in a round, when it is prepared or when it runs', async () => {
  expect(await timeOne({ kind: 'read', sql: 'SELECT absent FROM t' }, [[]])).toMatchObject({
    exit: 2,
    message: 'own, round 1: Q2 on b: no such column: absent',
  })
  const write = { kind: 'write', statementsPerTransaction: 1, sql: 'INSERT INTO t VALUES (?, NULL)' } as const
  expect(await timeOne(write, [[1]])).toMatchObject({
    exit: 2,
    message: 'own, round 1: Q2 on b: UNIQUE constraint failed: t.id',
  })
})
