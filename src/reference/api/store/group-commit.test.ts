import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NativeConnection } from '../../../target/native.ts'
import { PreparedConnection } from '../../../target/prepared-connection.ts'
import { GroupCommit } from './group-commit.ts'
import type { Statement } from './store.ts'

let folder: string
let path: string
let connection: PreparedConnection
let other: NativeConnection

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forgebench-group-'))
  path = join(folder, 'a.db')
  other = new NativeConnection(path)
  other.scriptSync(
    'CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); CREATE TABLE u (a INTEGER CHECK (a < 100))',
  )
  connection = new PreparedConnection(path, { busyTimeoutMs: 1, pragmas: ['PRAGMA journal_mode = WAL'] })
})
afterEach(() => {
  connection.close()
  other.close()
  rmSync(folder, { recursive: true, force: true })
})

const insert = (a: number, b = 'x'): Statement => ({
  sql: 'INSERT INTO t VALUES (?, ?)',
  args: [BigInt(a), b],
})
const check = (a: number): Statement => ({ sql: 'INSERT INTO u VALUES (?)', args: [BigInt(a)] })
const stored = (table = 't'): readonly unknown[] =>
  other.querySync(`SELECT a FROM ${table} ORDER BY a`).rows.map(([a]) => a)

describe('writes of one turn', () => {
  it('are stored when they are acknowledged, and not before', async () => {
    const writes = new GroupCommit(connection, 1000)
    const first = writes.write([insert(1)])
    expect(stored()).toEqual([])
    await first
    expect(stored()).toEqual([1])
  })

  it('share a transaction: the write-ahead log grows once, not once each', async () => {
    const frames = (): number =>
      Math.floor((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) / 4096)
    const writes = new GroupCommit(connection, 1000)
    const before = frames()
    await Promise.all(Array.from({ length: 50 }, (_, index) => writes.write([insert(index)])))
    const together = frames()
    for (let index = 50; index < 100; index += 1) await writes.write([insert(index)])
    expect(together - before).toBeLessThan(5)
    expect(frames() - together).toBeGreaterThanOrEqual(50)
    expect(stored()).toHaveLength(100)
  })

  it('fail alone: what breaks a constraint takes its own unit with it and nothing else', async () => {
    const writes = new GroupCommit(connection, 1000)
    const outcomes = await Promise.allSettled([
      writes.write([insert(1)]),
      writes.write([insert(2), check(1), check(100), insert(3)]),
      writes.write([insert(1)]),
      writes.write([insert(4), check(5)]),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
    expect(outcomes[1]).toMatchObject({ reason: { code: 'TARGET_CONSTRAINT' } })
    expect(stored()).toEqual([1, 4])
    expect(stored('u')).toEqual([5])
  })

  it('tell what each statement did', async () => {
    const writes = new GroupCommit(connection, 1000)
    const effects = await writes.write([
      insert(1),
      { sql: 'UPDATE t SET b = ? WHERE a > ?', args: ['y', 5n] },
      { sql: 'UPDATE t SET b = ? RETURNING b', args: ['z'], returns: true },
      { sql: 'SELECT a FROM t WHERE a = 9', args: [], returns: true },
    ])
    expect(effects).toEqual([
      { rowsChanged: 1, row: undefined },
      { rowsChanged: 0, row: undefined },
      { rowsChanged: 0, row: ['z'] },
      { rowsChanged: 0, row: undefined },
    ])
  })
})

describe('writes that meet another process', () => {
  it('wait for it without holding up reads, and are then stored', async () => {
    const writes = new GroupCommit(connection, 10_000)
    other.scriptSync('BEGIN IMMEDIATE; INSERT INTO t VALUES (7, NULL)')
    const waiting = [writes.write([insert(1)]), writes.write([insert(2)])]
    await new Promise((resolve) => setTimeout(resolve, 30))
    const late = writes.write([insert(3)])
    expect(connection.firstRow('SELECT count(*) FROM t', [])).toEqual([0])
    other.scriptSync('COMMIT')
    await Promise.all([...waiting, late])
    expect(stored()).toEqual([1, 2, 3, 7])
  })

  it('fail as busy when it does not end, leave nothing, and the next ones go through', async () => {
    const writes = new GroupCommit(connection, 20)
    other.scriptSync('BEGIN IMMEDIATE')
    await expect(writes.write([insert(1)])).rejects.toMatchObject({ code: 'TARGET_BUSY' })
    other.scriptSync('COMMIT')
    await writes.write([insert(2)])
    expect(stored()).toEqual([2])
  })

  it('are committed by drain, even while they wait', async () => {
    const writes = new GroupCommit(connection, 10_000)
    other.scriptSync('BEGIN IMMEDIATE')
    const waiting = writes.write([insert(1)])
    await new Promise((resolve) => setTimeout(resolve, 5))
    other.scriptSync('COMMIT')
    await writes.drain()
    expect(stored()).toEqual([1])
    await waiting
    const last = writes.write([insert(2)])
    await writes.drain()
    expect(stored()).toEqual([1, 2])
    await last
  })
})

it('a full disk fails all writes of the turn, and none is acknowledged', async () => {
  // A limit of pages is to the engine what a full disk is: SQLITE_FULL, in the middle of a transaction.
  connection.firstRow('PRAGMA max_page_count = 8', [])
  const writes = new GroupCommit(connection, 1000)
  const outcomes = await Promise.allSettled(
    Array.from({ length: 6 }, (_, index) => writes.write([insert(index, 'long '.repeat(2000))])),
  )
  const acknowledged = outcomes.filter(({ status }) => status === 'fulfilled').length
  expect(
    outcomes.some((outcome) => outcome.status === 'rejected' && outcome.reason.code === 'TARGET_DISK_FULL'),
  ).toBe(true)
  expect(stored()).toHaveLength(acknowledged)
  connection.firstRow('PRAGMA max_page_count = 1000', [])
  await writes.write([insert(100)])
  expect(stored()).toContain(100)
})
