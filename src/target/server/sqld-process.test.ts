import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { sourceLoader } from '../../core/source-loader.ts'
import { NativeConnection } from '../native.ts'
import { RemoteReader } from '../remote/remote-reader.ts'
import { RemoteConnection } from '../remote/remote.ts'
import { copyWhole, findSqld, startSqld } from './sqld-process.ts'

const sqld = await findSqld()

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forgebench-sqld-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Paths of the files that this process holds open. */
const openFiles = (): readonly string[] =>
  readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`)
    } catch {
      return []
    }
  })

test.runIf(process.platform === 'linux')(
  'the copy that a server starts from is open nowhere: a connection of ours that ended later would remove its log',
  async () => {
    const path = join(folder, 'a.db')
    const writer = new NativeConnection(path)
    writer.scriptSync('CREATE TABLE t (a INTEGER)')
    writer.close()
    await copyWhole(path, join(folder, 'copy.db'))
    expect(openFiles().filter((name) => name.includes('copy.db'))).toEqual([])
  },
)

describe.skipIf(sqld === undefined)('a libSQL server (needs sqld)', () => {
  it('starts from a copy of a database, with what its log still holds, and leaves nothing behind', async () => {
    const path = join(folder, 'a.db')
    const writer = new NativeConnection(path)
    writer.scriptSync(
      'PRAGMA journal_mode = WAL; CREATE TABLE t (a INTEGER, b TEXT); CREATE INDEX i ON t (a)',
    )
    for (let row = 0; row < 50; row += 1)
      writer.executeSync('INSERT INTO t VALUES (?, ?)', [row, `row ${row}`])
    const files = join(folder, 'server')
    const server = await startSqld({ databasePath: path, folder: files })
    const remote = new RemoteConnection({ kind: 'remote', url: server.url }, { concurrency: 4 })
    expect((await remote.query('SELECT count(*), max(b) FROM t WHERE a < ?', [10])).rows).toEqual([
      [10, 'row 9'],
    ])
    expect(await remote.batch([{ sql: 'INSERT INTO t VALUES (?, ?)', args: [100, null] }])).toMatchObject([
      { rowsChanged: 1 },
    ])
    expect(await remote.serverVersion()).toMatch(/^sqld /)
    // Integers of 64 bits are exact, as arguments and in answers, by both connections.
    const reader = new RemoteReader({ kind: 'remote', url: server.url }, undefined)
    for (const asked of [remote, reader]) {
      expect((await asked.query('SELECT ?, -9223372036854775808, 7', [9007199254740993n])).rows).toEqual([
        [9007199254740993n, -9223372036854775808n, 7],
      ])
    }
    reader.close()
    remote.close()
    // The original is as it was, and the server's own files go with it.
    expect(writer.querySync('SELECT count(*) FROM t').rows).toEqual([[50]])
    writer.close()
    await server.stop()
    expect(readdirSync(folder).filter((name) => name === 'server')).toEqual([])
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH')
  })

  it('undoes a whole batch when one of its statements fails', async () => {
    const server = await startSqld()
    const remote = new RemoteConnection({ kind: 'remote', url: server.url }, { concurrency: 4 })
    await remote.batch([{ sql: 'CREATE TABLE t (a INTEGER CHECK (a < 5))', args: [] }])
    const insert = (a: number) => ({ sql: 'INSERT INTO t VALUES (?)', args: [a] })
    await expect(remote.batch([insert(1), insert(9)])).rejects.toMatchObject({
      code: 'TARGET_CONSTRAINT',
      exit: 5,
    })
    for (const sql of ['SELEC 1', 'SELECT 1 FROM nowhere', 'SELECT nothing FROM t']) {
      await expect(remote.query(sql)).rejects.toMatchObject({
        code: 'TARGET_SQL',
        message: expect.stringMatching(/^http:\/\/127.0.0.1:\d+: [^\n]+$/),
      })
    }
    expect((await remote.query('SELECT count(*) FROM t')).rows).toEqual([[0]])
    remote.close()
    await server.stop()
  })
})

describe('finding sqld', () => {
  it('takes what SQLD_BIN names, even when it is not there, and says so when it is to start', async () => {
    expect(await findSqld({ SQLD_BIN: '/nowhere/sqld' })).toBe('/nowhere/sqld')
    const before = process.env['SQLD_BIN']
    process.env['SQLD_BIN'] = '/nowhere/sqld'
    try {
      await expect(startSqld()).rejects.toMatchObject({ code: 'SQLD_MISSING', exit: 2 })
    } finally {
      if (before === undefined) delete process.env['SQLD_BIN']
      else process.env['SQLD_BIN'] = before
    }
  })

  it('says what a server that does not come up said last', async () => {
    const before = process.env['SQLD_BIN']
    process.env['SQLD_BIN'] = process.execPath
    try {
      await expect(startSqld()).rejects.toMatchObject({ code: 'SQLD_FAILED', exit: 5 })
    } finally {
      if (before === undefined) delete process.env['SQLD_BIN']
      else process.env['SQLD_BIN'] = before
    }
  })
})

const owner = fileURLToPath(new URL('../../../fixtures/servers/sqld-owner.process.ts', import.meta.url))

describe.skipIf(sqld === undefined)('a server that a process has started (needs sqld)', () => {
  it.each(['SIGKILL', 'SIGTERM'] as const)('ends with that process when it gets %s', async (signal) => {
    const child = spawn(process.execPath, [...sourceLoader(owner), owner, join(folder, 'server')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const line = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).once('line', resolve)
      child.once('exit', (status) => reject(new Error(`the owner ended with ${status}`)))
    })
    const pid = Number(line)
    expect(pid).toBeGreaterThan(0)
    expect(process.kill(pid, 0)).toBe(true)
    child.kill(signal)
    await expect.poll(() => isThere(pid), { timeout: 10_000 }).toBe(false)
  })
})

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
