import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { NativeConnection } from '../../target/native.ts'
import { RoundWorld } from './sweep-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'sweep-world-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('connections of a driver share a copy of the data by its name, and leave the data as it is', async () => {
  const databasePath = join(folder, 'stage.db')
  const stage = new NativeConnection(databasePath)
  stage.scriptSync('CREATE TABLE t (a)')
  stage.close()
  const task = { id: 's', path: '/nowhere/s.ts', round: 1, order: [], seed: 1, seconds: 1 }
  const world = new RoundWorld({ ...task, databasePath, folder })
  const pragmas = ['PRAGMA synchronous = NORMAL']
  const [one, two] = [
    await world.connect('point', { driver: 'libsql', pragmas }),
    await world.connect('point', { driver: 'libsql', pragmas }),
  ]
  const other = await world.connect('point', { driver: 'libsql', on: 'other' })
  expect(await one.execute('INSERT INTO t VALUES (?)', [1n])).toBe(1)
  expect(await two.query('SELECT a FROM t')).toEqual([[1]])
  expect(await two.query('PRAGMA synchronous')).toEqual([[1]])
  expect(await other.query('SELECT a FROM t')).toEqual([])
  await world.release()
  await expect(one.query('SELECT 1')).rejects.toMatchObject({ exit: 5 })
  const fresh = new NativeConnection(databasePath)
  expect(fresh.querySync('SELECT a FROM t').rows).toEqual([])
  fresh.close()
})
