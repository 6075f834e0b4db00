import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Operation } from '../scenario/scenario.ts'
import { NativeConnection } from '../target/native.ts'
import { argumentTuples, drawRowids } from './draw-arguments.ts'

const rows = 60
let connection: NativeConnection

beforeAll(() => {
  connection = new NativeConnection(':memory:')
  connection.scriptSync(`CREATE TABLE prompts (id TEXT, user_id TEXT, n INTEGER);
CREATE TABLE gaps (n INTEGER);
CREATE TABLE empty (n INTEGER);
WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < ${rows})
  INSERT INTO prompts SELECT printf('%08d-0000-7000-8000-000000000000', i), 'u' || (i % 5), i FROM i;
INSERT INTO gaps (rowid, n) SELECT n * 10, n FROM prompts WHERE n % 2 = 1`)
})
afterAll(() => connection.close())

const key = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const draw = (table: string, where?: string) => ({
  table,
  columns: ['n'],
  ...(where === undefined ? {} : { where }),
})

describe('drawn row numbers', () => {
  test.each([
    ['a table without gaps', draw('prompts'), rows, (id: number) => id >= 1 && id <= rows],
    ['a table with gaps', draw('gaps'), rows / 2, (id: number) => id % 20 === 10],
    ['a condition', draw('prompts', "user_id = 'u3'"), rows / 5, (id: number) => id % 5 === 3],
  ])('of %s are distinct rows that fit, as many as asked for or as there are', (_, from, fitting, fits) => {
    fc.assert(
      fc.property(key, fc.integer({ min: 1, max: rows + 9 }), (key, count) => {
        const ids = drawRowids(connection, from, count, key).map(Number)
        expect(ids).toHaveLength(Math.min(count, fitting))
        expect(new Set(ids).size).toBe(ids.length)
        expect(ids.every(fits)).toBe(true)
        expect(drawRowids(connection, from, count, key).map(Number)).toEqual(ids)
      }),
      { numRuns: 40 },
    )
  })

  test('are others, in another order, for another key', () => {
    expect(drawRowids(connection, draw('prompts'), 20, 1)).not.toEqual(
      drawRowids(connection, draw('prompts'), 20, 2),
    )
  })

  test('are drawn alike: every row comes about equally often', () => {
    const drawn = new Map<unknown, number>()
    for (let key = 0; key < 1200; key++) {
      for (const id of drawRowids(connection, draw('prompts'), 3, key))
        drawn.set(id, (drawn.get(id) ?? 0) + 1)
    }
    expect(drawn.size).toBe(rows)
    for (const times of drawn.values()) expect(Math.abs(times - 60)).toBeLessThan(5 * Math.sqrt(60))
  })

  test.each([draw('empty'), draw('prompts', 'n > 1000')])('of nothing are refused: %j', (from) => {
    expect(() => drawRowids(connection, from, 5, 1)).toThrow(
      expect.objectContaining({
        code: 'NOTHING_TO_DRAW',
        exit: 2,
        message: expect.stringMatching(/--scale/),
      }),
    )
  })
})

describe('argument tuples', () => {
  const operation = (args: Operation['args'], placeholders: number): Operation => ({
    kind: 'read',
    id: 'Q1',
    title: '',
    sql: `SELECT ${Array(placeholders).fill('?').join(', ')}`,
    draw: { table: 'prompts', columns: ['user_id', 'n'] },
    rows: { min: 1, max: 1 },
    ...(args === undefined ? {} : { args }),
  })
  const tuples = (
    args: Operation['args'],
    count: number,
    placeholders = 2,
  ): readonly (readonly unknown[])[] =>
    argumentTuples(connection, operation(args, placeholders), [7, 9], count, 5)

  test('are the drawn rows in their order, again from the start when they run out', () => {
    expect(tuples(undefined, 3).map((row) => row.map(String))).toEqual([
      ['u2', '7'],
      ['u4', '9'],
      ['u2', '7'],
    ])
  })

  test('may be made of the row, its place, fresh ids and seeded chance', () => {
    const args: Operation['args'] = ([user = null], { index, newId, random }) => [
      user,
      index,
      newId(),
      random(),
    ]
    const made = tuples(args, 4, 4)
    expect(made).toEqual(tuples(args, 4, 4))
    expect(made.map(([, index]) => Number(index))).toEqual([0, 1, 2, 3])
    const ids = made.map(([, , id]) => String(id))
    expect(new Set(ids).size).toBe(4)
    // The ids of the data are of version 7.
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
    expect(new Set(made.map(([, , , chance]) => chance)).size).toBe(4)
  })

  test('that do not fit the statement are refused, each with its reason', () => {
    const refusal = (args: Operation['args']): unknown => {
      try {
        return tuples(args, 1)
      } catch (error) {
        return error
      }
    }
    const misfit = (message: RegExp) => ({
      code: 'ARGUMENTS_MISFIT',
      exit: 2,
      message: expect.stringMatching(message),
    })
    expect(refusal(() => [1])).toMatchObject(
      misfit(/^operation Q1: args gave 1 values, but .* 2 placeholders/),
    )
    const lacking = (() => [1, undefined]) as unknown as Operation['args']
    expect(refusal(lacking)).toMatchObject(misfit(/^operation Q1: args gave /))
  })
})
