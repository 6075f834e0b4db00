import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Draw, Operation } from '../../scenario/scenario.ts'
import type { Row, SqlValue } from '../../target/connection.ts'
import { NativeConnection } from '../../target/native.ts'
import { argumentTuples, drawRows, type DrawnRows } from './draw-arguments.ts'

const rows = 60
let connection: NativeConnection

beforeAll(() => {
  connection = new NativeConnection(':memory:')
  connection.scriptSync(`CREATE TABLE prompts (id TEXT PRIMARY KEY, user_id TEXT, n INTEGER);
CREATE TABLE gaps (n INTEGER);
CREATE TABLE negative (n INTEGER);
CREATE TABLE empty (n INTEGER);
CREATE TABLE keyed (n INTEGER, m INTEGER, PRIMARY KEY (m, n)) WITHOUT ROWID;
CREATE VIEW seen AS SELECT n, n % 2 AS odd FROM prompts;
WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < ${rows})
  INSERT INTO prompts SELECT printf('%08d-0000-7000-8000-000000000000', i), 'u' || (i % 5), i FROM i;
INSERT INTO gaps (rowid, n) SELECT n * 10, n * 10 FROM prompts WHERE n % 2 = 1;
INSERT INTO negative (rowid, n) VALUES (-5, -5), (2, 2), (3, 3);
INSERT INTO keyed SELECT n, n % 7 FROM prompts`)
})
afterAll(() => connection.close())

const key = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const draw = (table: string, where?: string) => ({
  table,
  columns: ['n'],
  ...(where === undefined ? {} : { where }),
})
const reading = (from: Draw): Operation => ({
  kind: 'read',
  id: 'Q1',
  title: '',
  sql: 'SELECT ?',
  draw: from,
  rows: { min: 1, max: 1 },
})
/** What an operation that draws from here would be asked with first. */
async function firstColumn(
  from: Draw,
  count: number,
  key: number,
): Promise<readonly (SqlValue | undefined)[]> {
  const operation = reading(from)
  const drawn = await drawRows([connection], operation, count, key)
  const given = drawn.by === 'key' ? drawn.keys.length : drawn.rows.length
  return (await argumentTuples(connection, operation, drawn, given, key, 'baseline')).map(([value]) => value)
}

describe('drawn rows', () => {
  test.each<[string, Draw, number, (n: number) => boolean]>([
    ['a table without gaps', draw('prompts'), rows, (n) => n >= 1 && n <= rows],
    ['a table with gaps', draw('gaps'), rows / 2, (n) => n % 20 === 10],
    ['a table with numbers below 1', draw('negative'), 3, (n) => [-5, 2, 3].includes(n)],
    ['a condition', draw('prompts', "user_id = 'u3'"), rows / 5, (n) => n % 5 === 3],
    ['a table WITHOUT ROWID', draw('keyed'), rows, (n) => n >= 1 && n <= rows],
    ['a view', draw('seen', 'odd = 1'), rows / 2, (n) => n % 2 === 1],
    ['a query', { sql: 'SELECT n FROM prompts WHERE n > 10; -- all' }, rows - 10, (n) => n > 10],
  ])(
    'of %s are distinct rows that fit, as many as asked for or as there are',
    async (_, from, fitting, fits) => {
      await fc.assert(
        fc.asyncProperty(key, fc.integer({ min: 1, max: rows + 9 }), async (key, count) => {
          const drawn = (await firstColumn(from, count, key)).map(Number)
          expect(drawn).toHaveLength(Math.min(count, fitting))
          expect(new Set(drawn).size).toBe(drawn.length)
          expect(drawn.every(fits)).toBe(true)
          expect((await firstColumn(from, count, key)).map(Number)).toEqual(drawn)
        }),
        { numRuns: 20 },
      )
    },
  )

  test('are others, in another order, for another key', async () => {
    expect(await firstColumn(draw('prompts'), 20, 1)).not.toEqual(await firstColumn(draw('prompts'), 20, 2))
  })

  test('are drawn alike: every row comes about equally often', async () => {
    const drawn = new Map<unknown, number>()
    for (let key = 0; key < 1200; key++) {
      for (const n of await firstColumn(draw('prompts'), 3, key)) drawn.set(n, (drawn.get(n) ?? 0) + 1)
    }
    expect(drawn.size).toBe(rows)
    for (const times of drawn.values()) expect(Math.abs(times - 60)).toBeLessThan(5 * Math.sqrt(60))
  })

  test.each<Draw>([draw('empty'), draw('prompts', 'n > 1000'), { sql: 'SELECT 1 WHERE 0' }])(
    'of nothing are refused: %j',
    async (from) => {
      await expect(firstColumn(from, 5, 1)).rejects.toMatchObject({
        code: 'NOTHING_TO_DRAW',
        exit: 2,
        message: expect.stringMatching(/^operation Q1: draw from .*--scale/),
      })
    },
  )

  test.each<[Draw, string]>([
    [draw('nowhere'), 'operation Q1: draw from nowhere: no such table: nowhere'],
    [draw('prompts', 'no_column = 1'), 'operation Q1: draw from prompts: no such column: no_column'],
    [
      { ...draw('prompts'), columns: ['no"column'] },
      'operation Q1 on baseline: no such column: drawn.no"column',
    ],
    [{ sql: 'SELECT n FROM' }, 'operation Q1: draw from its sql: near ")": syntax error'],
  ])('that cannot be read are the mistake of the operation: %j', async (from, message) => {
    await expect(firstColumn(from, 5, 1)).rejects.toMatchObject({ code: 'OPERATION_SQL', exit: 2, message })
  })
})

describe('values of a schema that forgebench did not make', () => {
  let foreign: NativeConnection
  beforeAll(() => {
    foreign = new NativeConnection(':memory:')
    foreign.scriptSync(`CREATE TABLE "order" ("order id" INTEGER PRIMARY KEY, "select" TEXT, "semi;colon" TEXT, big INTEGER, "qu""ote" REAL);
INSERT INTO "order" VALUES (9007199254740993, 'a', 'x;y', 9223372036854775807, 0.5), (-9223372036854775808, 'b', NULL, 9007199254740995, 2.5);
CREATE TABLE odd (rowid TEXT, name TEXT);
INSERT INTO odd VALUES ('not a number', CAST(x'c328' AS TEXT)), ('nor this', 'zoë')`)
  })
  afterAll(() => foreign.close())
  const values = async (from: Draw): Promise<readonly Row[]> => {
    const { length } = 'sql' in from ? ['one'] : from.columns
    const operation = { ...reading(from), sql: `SELECT ${Array(length).fill('?').join(', ')}` }
    const drawn = await drawRows([foreign], operation, 9, 1)
    const tuples = await argumentTuples(foreign, operation, drawn, 2, 1, 'baseline')
    return tuples.toSorted((a, b) => String(a[0]).localeCompare(String(b[0])))
  }

  test('have names that are reserved words, or hold blanks, semicolons and quotes', async () => {
    expect(await values({ table: 'order', columns: ['select', 'semi;colon', 'qu"ote'] })).toEqual([
      ['a', 'x;y', 0.5],
      ['b', null, 2.5],
    ])
  })

  test('are whole numbers of any size, exactly', async () => {
    expect(await values({ table: 'order', columns: ['order id', 'big'] })).toEqual([
      [-9223372036854775808n, 9007199254740995n],
      [9007199254740993n, 9223372036854775807n],
    ])
    expect(await values({ sql: 'SELECT big FROM "order"' })).toEqual([
      [9007199254740995n],
      [9223372036854775807n],
    ])
  })

  test('are bytes where a text is not UTF-8, beside a column that is called rowid', async () => {
    expect(await values({ table: 'odd', columns: ['rowid', 'name'] })).toEqual([
      ['nor this', 'zoë'],
      ['not a number', Buffer.from([0xc3, 0x28])],
    ])
  })

  test.each(['UTF-16le', 'UTF-16be'])('are texts in a database of encoding %s', async (encoding) => {
    const wide = new NativeConnection(':memory:', { pragmas: [`PRAGMA encoding = '${encoding}'`] })
    wide.scriptSync("CREATE TABLE t (name TEXT); INSERT INTO t VALUES ('zoë 🙂')")
    const operation = reading({ table: 't', columns: ['name'] })
    const drawn = await drawRows([wide], operation, 1, 1)
    expect(await argumentTuples(wide, operation, drawn, 1, 1, 'baseline')).toEqual([['zoë 🙂']])
    wide.close()
  })
})

describe('rows of variants that differ in how a table is keyed', () => {
  const operation = reading({ table: 'things', columns: ['name'] })
  const make = (sql: string): NativeConnection => {
    const made = new NativeConnection(':memory:')
    made.scriptSync(sql)
    return made
  }
  const baseline = make(
    "CREATE TABLE things (id TEXT PRIMARY KEY, name TEXT); INSERT INTO things VALUES ('k1', 'a'), ('k0', 'b')",
  )
  const keyed = make(
    "CREATE TABLE things (name TEXT, id TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO things VALUES ('a', 'k1'), ('b', 'k0')",
  )
  const lacking = make(
    "CREATE TABLE things (name TEXT, id TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO things VALUES ('a', 'k1')",
  )
  afterAll(() => [baseline, keyed, lacking].forEach((each) => each.close()))

  test('are found by the primary key where one keeps the table WITHOUT ROWID', async () => {
    const drawn = await drawRows([baseline, keyed], operation, 2, 3)
    const args = await argumentTuples(baseline, operation, drawn, 2, 3, 'baseline')
    expect(new Set(args.flat())).toEqual(new Set(['a', 'b']))
    expect(await argumentTuples(keyed, operation, drawn, 2, 3, 'keyed')).toEqual(args)
  })

  test('that are missing are an error of its own', async () => {
    const drawn = await drawRows([baseline, lacking], operation, 2, 3)
    await expect(argumentTuples(lacking, operation, drawn, 2, 3, 'lacking')).rejects.toMatchObject({
      code: 'DRAWN_ROW_MISSING',
      exit: 4,
      message: expect.stringMatching(
        /^operation Q1 on lacking: 1 of 2 rows drawn from things are not there, first that with primary key k0/,
      ),
    })
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
  const drawn: DrawnRows = { by: 'key', key: { kind: 'rowid', columns: ['rowid'] }, keys: [[7], [9]] }
  const tuples = (
    args: Operation['args'],
    count: number,
    placeholders = 2,
  ): Promise<readonly (readonly unknown[])[]> =>
    argumentTuples(connection, operation(args, placeholders), drawn, count, 5, 'baseline')

  test('are the drawn rows in their order, again from the start when they run out', async () => {
    expect((await tuples(undefined, 3)).map((row) => row.map(String))).toEqual([
      ['u2', '7'],
      ['u4', '9'],
      ['u2', '7'],
    ])
  })

  test('may be made of the row, its place, fresh ids and seeded chance', async () => {
    const args: Operation['args'] = ([user = null], { index, newId, random }) => [
      user,
      index,
      newId(),
      random(),
    ]
    const made = await tuples(args, 4, 4)
    expect(made).toEqual(await tuples(args, 4, 4))
    expect(made.map(([, index]) => Number(index))).toEqual([0, 1, 2, 3])
    const ids = made.map(([, , id]) => String(id))
    expect(new Set(ids).size).toBe(4)
    // The ids of the data are of version 7.
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
    expect(new Set(made.map(([, , , chance]) => chance)).size).toBe(4)
  })

  test('that do not fit the statement are refused, each with its reason', async () => {
    const misfit = (message: RegExp) => ({
      code: 'ARGUMENTS_MISFIT',
      exit: 2,
      message: expect.stringMatching(message),
    })
    await expect(tuples(() => [1], 1)).rejects.toMatchObject(
      misfit(/^operation Q1 on baseline: args gave 1 values, but .* 2 placeholders/),
    )
    const lacking = (() => [1, undefined]) as unknown as Operation['args']
    await expect(tuples(lacking, 1)).rejects.toMatchObject(misfit(/^operation Q1 on baseline: args gave /))
    const later = (async () => [1, 2]) as unknown as Operation['args']
    await expect(tuples(later, 1)).rejects.toMatchObject(misfit(/args gave a Promise; it must not be async/))
    const hollow = (() =>
      new Proxy([], {
        get: () => {
          throw null
        },
      })) as unknown as Operation['args']
    await expect(tuples(hollow, 1)).rejects.toMatchObject({ code: 'ARGUMENTS_FAILED', exit: 2 })
    const mute = (): never => {
      throw { toString: null }
    }
    await expect(tuples(mute, 1)).rejects.toMatchObject({ code: 'ARGUMENTS_FAILED', exit: 2 })
    const thrower = (): never => {
      throw new RangeError('no such luck')
    }
    await expect(tuples(thrower, 1)).rejects.toMatchObject({
      code: 'ARGUMENTS_FAILED',
      exit: 2,
      message: 'operation Q1 on baseline: args threw RangeError: no such luck',
    })
  })

  test('with fresh ids say what they stand on where the table has no UUID as its key', async () => {
    const adding: Operation = { ...operation((_, { newId }) => [newId()], 1), draw: draw('gaps') }
    const rowsOfGaps = await drawRows([connection], adding, 2, 1)
    await expect(argumentTuples(connection, adding, rowsOfGaps, 2, 1, 'baseline')).rejects.toMatchObject({
      code: 'NEW_ID',
      exit: 2,
      message: expect.stringMatching(
        /^operation Q1 on baseline: newId\(\) .* gaps has no UUID as its primary key/,
      ),
    })
  })
})
