import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoadProfile, LoadTable } from '../../scenario/load-profile/load-profile.ts'
import { openReader, type Reader } from '../../target/open-reader.ts'
import { NativeConnection } from '../../target/native.ts'
import { findSqld, startSqld } from '../../target/server/sqld-process.ts'
import { drawLoadData } from './draw-load-data.ts'
import { rowCounter } from './row-counter.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-draw-'))
const path = join(folder, 'things.db')
beforeAll(async () => {
  const connection = new NativeConnection(path)
  await connection.script(
    `CREATE TABLE things (name TEXT, size REAL, raw BLOB);
      CREATE TABLE vacant (name TEXT);
      CREATE TABLE damaged (name TEXT);
      INSERT INTO damaged VALUES (CAST(x'ff41' AS TEXT)), ('fine');
      CREATE VIEW named AS SELECT name, size FROM things WHERE name IS NOT NULL;
      CREATE TABLE "odd; names" ("the key" INTEGER, "group" TEXT, PRIMARY KEY ("the key", "group")) WITHOUT ROWID;
      INSERT INTO "odd; names" VALUES (9007199254740993, 'a'), (-9223372036854775808, 'b')`,
  )
  connection.scriptSync('BEGIN')
  for (let i = 0; i < 1500; i += 1) {
    await connection.execute('INSERT INTO things VALUES (?, ?, ?)', [
      i % 3 === 0 ? null : `n${i}`,
      i / 2,
      new Uint8Array([i % 256]),
    ])
  }
  connection.scriptSync('COMMIT')
  connection.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const drawn = async (
  reader: Reader,
  table: LoadTable,
  seed = 1,
): Promise<readonly Record<string, unknown>[]> => {
  const profile = { data: { file: '', tables: { things: table } } } as unknown as LoadProfile
  const text = await drawLoadData(reader, profile, seed)
  return (JSON.parse(text) as { readonly things: readonly Record<string, unknown>[] }).things
}
const table: LoadTable = { table: 'things', columns: ['name', 'size'], rows: 1000 }

describe('drawLoadData', () => {
  test('draws distinct rows, the same for the same seed, all of them where there are no more', async () => {
    const reader = await openReader(`file:${path}`, undefined)
    const rows = await drawn(reader, table)
    expect(rows).toHaveLength(1000)
    expect(new Set(rows.map(({ size }) => size)).size).toBe(1000)
    expect(await drawn(reader, table)).toEqual(rows)
    expect(await drawn(reader, table, 2)).not.toEqual(rows)
    expect(await drawn(reader, { ...table, rows: 5000 })).toHaveLength(1500)
    expect(await drawn(reader, { ...table, where: "name = 'n4'" })).toEqual([{ name: 'n4', size: 2 }])
    reader.close()
  })

  test('draws from a view, and from tables and columns of any name, with integers exact', async () => {
    const reader = await openReader(`file:${path}`, undefined)
    const named = await drawn(reader, { ...table, table: 'named' })
    expect(named).toHaveLength(1000)
    expect(new Set(named.map(({ size }) => size)).size).toBe(1000)
    expect(await drawn(reader, { ...table, table: 'named' })).toEqual(named)
    const odd = await drawn(reader, { table: 'odd; names', columns: ['the key', 'group'], rows: 5 })
    expect(odd.toSorted((a, b) => String(a['group']).localeCompare(String(b['group'])))).toEqual([
      { 'the key': '9007199254740993', group: 'a' },
      { 'the key': '-9223372036854775808', group: 'b' },
    ])
    reader.close()
  })

  test('takes a text that is not UTF-8 for bytes, where reading it would end the process', async () => {
    const reader = await openReader(`file:${path}`, undefined)
    const damaged = { ...table, table: 'damaged', columns: ['name'] }
    await expect(drawn(reader, damaged)).rejects.toThrow('data.tables.things: column name holds bytes')
    expect(await drawn(reader, { ...damaged, where: "name = 'fine'" })).toEqual([{ name: 'fine' }])
    reader.close()
  })

  test('says where nothing fits, and which column no request can carry', async () => {
    const reader = await openReader(`file:${path}`, undefined)
    await expect(drawn(reader, { ...table, table: 'vacant', columns: ['name'] })).rejects.toThrow(
      'data.tables.things: no row of vacant; seed the database, with a larger --scale',
    )
    await expect(drawn(reader, { ...table, columns: ['raw'] })).rejects.toThrow('column raw holds bytes')
    reader.close()
  })
})

const hasSqld = (await findSqld()) !== undefined

test.skipIf(!hasSqld)(
  'rows are drawn from and counted on a libSQL server as in a file (needs sqld)',
  async () => {
    const server = await startSqld({ databasePath: path })
    try {
      const [file, remote] = await Promise.all([
        openReader(`file:${path}`, undefined),
        openReader(server.url, undefined),
      ])
      const odd = { table: 'odd; names', columns: ['the key', 'group'], rows: 5 }
      for (const each of [table, odd]) expect(await drawn(remote, each)).toEqual(await drawn(file, each))
      expect(await rowCounter(server.url, undefined)(['things', 'vacant'])).toEqual({
        things: 1500,
        vacant: 0,
      })
      expect(await rowCounter(`file:${path}`, undefined)(['things'])).toEqual({ things: 1500 })
      file.close()
      remote.close()
    } finally {
      await server.stop()
    }
  },
)
