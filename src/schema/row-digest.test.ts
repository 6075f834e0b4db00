import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../target/connection.ts'
import type { DriverName } from '../target/drivers.ts'
import { openFile } from '../target/open.ts'
import { digestRows, type TableRows } from './row-digest.ts'

const numbers = (count: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`

describe.each<DriverName>(['libsql', '@libsql/client'])('the digest of rows through %s', (driver) => {
  let connection: Connection
  beforeEach(async () => {
    connection = await openFile(':memory:', driver)
  })
  afterEach(() => connection.close())

  const digest = async (): Promise<TableRows | undefined> =>
    (await digestRows(connection, { ids: 'exact' }))[0]

  it.each([
    ['text and number', `'k' || i % 7, i`],
    ['text that is not UTF-8', `CAST(CAST('k' AS BLOB) || x'ff' AS TEXT), i`],
    ['bytes', `CAST('k' || i % 7 AS BLOB), i`],
    ['whole numbers beyond 2^53', `9007199254740993 + i % 7, i`],
    ['numbers of both kinds', `iif(i % 2, i + 0.5, i), i`],
  ])('reads all rows of a table WITHOUT ROWID by its key: %s', async (_, key) => {
    await connection.script(
      'CREATE TABLE "line-items" ("order", b, c, PRIMARY KEY ("order", b)) WITHOUT ROWID',
    )
    await connection.script(`${numbers(2_500)} INSERT INTO "line-items" SELECT ${key}, 'v' || i FROM n`)
    const before = await digest()
    expect(before).toMatchObject({ table: 'line-items', rows: 2_500 })
    expect(await digest()).toEqual(before)
    for (const i of [1, 1_000, 1_001, 2_500]) {
      await connection.script(`UPDATE "line-items" SET c = 'changed' WHERE b = ${i}`)
      expect((await digest())?.digest).not.toBe(before?.digest)
      await connection.script(`UPDATE "line-items" SET c = 'v' || b WHERE b = ${i}`)
      expect(await digest()).toEqual(before)
    }
  })

  it('sees a row that moves, also beside a column that is called rowid', async () => {
    await connection.script('CREATE TABLE t (rowid TEXT, x)')
    await connection.script(
      `INSERT INTO t (_rowid_, rowid, x) VALUES (3, 'a', CAST(x'ff' AS TEXT)), (-5, 'b', 1)`,
    )
    const before = await digest()
    expect(before?.rows).toBe(2)
    await connection.script('UPDATE t SET _rowid_ = 4 WHERE _rowid_ = 3')
    expect((await digest())?.digest).not.toBe(before?.digest)
  })
})
