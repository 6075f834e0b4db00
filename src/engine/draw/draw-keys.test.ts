import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NativeConnection } from '../../target/native.ts'
import { allKeys, rowKey } from './draw-keys.ts'

const database = new NativeConnection(':memory:')

beforeAll(() => {
  database.scriptSync(`
    CREATE TABLE dense (name, size); CREATE TABLE gaps (name, size);
    CREATE TABLE paired (a INTEGER, b INTEGER, PRIMARY KEY (b, a)) WITHOUT ROWID;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 45000)
    INSERT INTO gaps (rowid, name, size) SELECT i * 3 - 60000, 'row ' || (i * 3 - 60000), i % 2 FROM n;
    INSERT INTO gaps (rowid, name, size) VALUES (-9223372036854775808, 'first', 0), (9223372036854775807, 'last', 0);
    INSERT INTO dense SELECT name, size FROM gaps LIMIT 1000;
    INSERT INTO paired SELECT rowid, size FROM gaps WHERE size IS NOT NULL`)
})
afterAll(() => database.close())

const keysOf = async (table: string, where?: string) => {
  const key = await rowKey([database], table)
  return key && allKeys(database, { table, ...(where === undefined ? {} : { where }) }, key)
}

describe('the keys of a table', () => {
  test('are a count where rows are numbered without a gap', async () => {
    expect(await keysOf('dense')).toBe(1000)
  })

  test.each([
    ['gaps', undefined, 45_002],
    ['gaps', 'size = 0 OR 1 = 2', 22_502],
    ['paired', undefined, 45_002],
    ['paired', 'b = 1', 22_500],
  ])(
    'of %s where %s are read in pages, each once, down to the lowest integer',
    async (table, where, count) => {
      const keys = (await keysOf(table, where)) as readonly unknown[][]
      expect(keys).toHaveLength(count)
      expect(new Set(keys.map(String)).size).toBe(count)
      const lowest = keys.some((key) => key.includes(-9223372036854775808n))
      expect(lowest).toBe(where !== 'b = 1')
    },
  )

  test('are refused where a text is not UTF-8, which would end the process, unless a condition leaves it out', async () => {
    database.scriptSync(`CREATE TABLE texts (id TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID;
      INSERT INTO texts VALUES ('a', 1), (CAST(x'ff41' AS TEXT), 2), ('zoë', 3)`)
    await expect(keysOf('texts')).rejects.toMatchObject({
      code: 'TEXT_NOT_UTF8',
      exit: 2,
      message: expect.stringMatching(/^the primary key of texts holds a text .* leave them out with where$/),
    })
    expect(await keysOf('texts', 'n <> 2')).toEqual([['a'], ['zoë']])
  })
})
