import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NativeConnection } from '../target/native.ts'
import { drawnRows, drawRemoteRowids } from './draw-remote.ts'

const database = new NativeConnection(':memory:')
const columns = ['name', 'size']

beforeAll(() => {
  database.scriptSync(`
    CREATE TABLE dense (name, size); CREATE TABLE gaps (name, size); CREATE TABLE bare (name, size);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 45000)
    INSERT INTO gaps (rowid, name, size) SELECT i * 3 - 60000, 'row ' || (i * 3 - 60000), i % 2 FROM n;
    INSERT INTO dense SELECT name, size FROM gaps LIMIT 1000`)
})
afterAll(() => database.close())

describe('rows drawn from a server', () => {
  test.each([
    [{ table: 'dense', columns }, 1000],
    [{ table: 'gaps', columns }, 45_000],
    [{ table: 'gaps', columns, where: 'size = 0 OR 1 = 2' }, 22_500],
  ])('of %j are all there is, each once, when that many are asked for', async (draw, rows) => {
    const rowids = await drawRemoteRowids(database, draw, 1e6, 7)
    expect(rowids).toHaveLength(rows)
    expect(new Set(rowids).size).toBe(rows)
    expect(rowids.slice(0, 20)).not.toEqual(rowids.toSorted((a, b) => Number(a) - Number(b)).slice(0, 20))
  })

  test('are the same for the same key, and others for another', async () => {
    const draw = { table: 'gaps', columns }
    const first = await drawRemoteRowids(database, draw, 50, 7)
    expect(await drawRemoteRowids(database, draw, 50, 7)).toEqual(first)
    expect(await drawRemoteRowids(database, draw, 50, 8)).not.toEqual(first)
  })

  test('come in the order in which they were drawn', async () => {
    const draw = { table: 'gaps', columns, where: 'size = 1' }
    const rowids = await drawRemoteRowids(database, draw, 1200, 3)
    const rows = await drawnRows(database, draw, rowids)
    expect(rows).toEqual(rowids.map((rowid) => [`row ${String(rowid)}`, 1]))
  })

  test('need a row that fits', async () => {
    for (const draw of [
      { table: 'bare', columns },
      { table: 'gaps', columns, where: 'size > 5' },
    ]) {
      await expect(drawRemoteRowids(database, draw, 5, 1)).rejects.toMatchObject({
        code: 'NOTHING_TO_DRAW',
        exit: 2,
      })
    }
  })
})
