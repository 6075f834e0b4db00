import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startFaultyProxy, type Fault, type FaultyProxy } from '../../../../fixtures/servers/faulty-proxy.ts'
import { InterruptedError } from '../../../core/errors.ts'
import { RemoteConnection } from '../../../target/remote/remote.ts'
import { findSqld, startSqld, type RunningSqld } from '../../../target/server/sqld-process.ts'
import { rowCounts, totalRows } from '../scale.ts'
import { seedDatabase } from '../seed-database.ts'
import { landedRows } from './server-state.ts'
import { seedServer, type ServerSeedOptions, type ServerSeedSummary } from './seed-server.ts'
import { verifyServer } from './verify-server.ts'

const sqld = await findSqld()
const order = { scale: 0.01, seed: 7, ids: 'v4' } as const
const total = totalRows(rowCounts(order.scale))
/** Many statements of few rows, so that there is much between which to fail. */
const limits = { parameters: 32_766, bytes: 250_000 }

describe.skipIf(sqld === undefined)('seeding a libSQL server (needs sqld)', () => {
  let folder = ''
  let digest = ''
  let server: RunningSqld
  let proxy: FaultyProxy

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'forgebench-seed-server-'))
    digest = (await seedDatabase({ path: join(folder, 'a.db'), ...order })).digest.all
    server = await startSqld({ folder: join(folder, 'server') })
    proxy = await startFaultyProxy(server.url)
  })
  afterAll(async () => {
    await proxy.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const connect = (url: string): RemoteConnection =>
    new RemoteConnection({ kind: 'remote', url }, { concurrency: 1 })
  const seed = async (more: Partial<ServerSeedOptions> = {}): Promise<ServerSeedSummary> => {
    const url = more.url ?? server.url
    const remote = connect(url)
    try {
      return await seedServer(remote, { url, ...order, limits, ...more })
    } finally {
      remote.close()
    }
  }
  const ask = async (sql: string): Promise<readonly unknown[]> => {
    const remote = connect(server.url)
    const { rows } = await remote.query(sql)
    remote.close()
    return rows.flat()
  }
  const ownTables = `SELECT name FROM sqlite_schema WHERE name LIKE 'forgebench%' AND type = 'table' ORDER BY 1`
  const whole = async (): Promise<void> => {
    const remote = connect(server.url)
    const { found, differing } = await verifyServer(remote, server.url, {})
    remote.close()
    expect({ digest: found.all, differing }).toEqual({ digest, differing: [] })
    expect(await ask(ownTables)).toEqual(['forgebench_migrations', 'forgebench_seed'])
    expect(await ask('SELECT count(*) FROM pragma_foreign_key_check')).toEqual([0])
  }
  /** Drops everything, whatever a test left. */
  beforeEach(async () => {
    const remote = connect(server.url)
    const { rows } = await remote.query(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'`,
    )
    await remote.migrate(rows.map(([name]) => ({ sql: `DROP TABLE "${String(name)}"`, args: [] })))
    remote.close()
  })

  it('gives the rows, the digest and the indexes of a file, by HTTP and by WebSocket', async () => {
    for (const url of [server.url, server.url.replace('http', 'ws')]) {
      const summary = await seed({ url, replace: true })
      expect(summary).toMatchObject({ digest: { all: digest }, rowsBefore: 0, rows: rowCounts(order.scale) })
      await whole()
    }
    expect(await ask(`SELECT count(*) FROM sqlite_schema WHERE name LIKE 'idx\\_%' ESCAPE '\\'`)).toEqual([
      14,
    ])
  })

  it('refuses what has rows or tables of another schema, and changes nothing', async () => {
    await seed()
    await expect(seed()).rejects.toMatchObject({ code: 'SEED_HAS_ROWS', exit: 2 })
    await whole()
    const remote = connect(server.url)
    await remote.batch([{ sql: 'CREATE TABLE customers (id INTEGER)', args: [] }])
    remote.close()
    for (const replace of [false, true])
      await expect(seed({ replace })).rejects.toMatchObject({
        code: 'SEED_OTHER_SCHEMA',
        message: expect.stringMatching(/such as customers\); name an empty database/),
      })
    await ask('DROP TABLE customers')
    await whole()
  })

  it('goes on with a seed of the same order that was interrupted, and refuses one of another', async () => {
    let calls = 0
    const signal = {
      get aborted() {
        calls += 1
        return calls > 12
      },
    }
    await expect(seed({ signal })).rejects.toBeInstanceOf(InterruptedError)
    const remote = connect(server.url)
    const before = totalRows(await landedRows(remote))
    expect(before).toBeGreaterThan(0)
    expect(before).toBeLessThan(total)
    await expect(verifyServer(remote, server.url, {})).rejects.toMatchObject({ code: 'SEED_NONE' })
    remote.close()
    await expect(seed({ seed: 8 })).rejects.toMatchObject({
      code: 'SEED_INTERRUPTED',
      message: expect.stringMatching(
        /scale 0.01, seed 7, ids v4\); give the same to go on, or add --replace$/,
      ),
    })
    expect(await seed()).toMatchObject({ rowsBefore: before, digest: { all: digest } })
    await whole()
    expect((await seed({ seed: 8, replace: true })).digest.all).not.toBe(digest)
  })

  it('says so when rows are not those of the seed', async () => {
    await seed()
    await ask(`UPDATE evaluations SET status = 'x' WHERE rowid = 5`)
    const remote = connect(server.url)
    expect(await verifyServer(remote, server.url, {})).toMatchObject({ differing: ['evaluations'] })
    remote.close()
  })

  describe('through a way that fails', () => {
    const faults: readonly Fault[] = [{ status: 429 }, 'cut before', 'cut after', { status: 503 }]
    it.each(faults)('%o of every third request: each row is there once', async (fault) => {
      const before = proxy.requests()
      proxy.inject(() => ((proxy.requests() - before) % 3 === 2 ? fault : undefined))
      // The first look at a database is not repeated: who is not there at once is not there.
      const summary = await seed({ url: proxy.url })
      proxy.inject(undefined)
      expect(summary.digest.all).toBe(digest)
      await whole()
    })

    it('ends in one line that says how to go on when nothing helps; the same command then goes on', async () => {
      let inserts = 0
      proxy.inject((body) => {
        if (body.includes('INSERT INTO \\"test_results\\"')) inserts += 1
        return inserts > 2 ? 'cut after' : undefined
      })
      const failure = await seed({ url: proxy.url, patience: { giveUpMs: 0 } }).catch(
        (error: unknown) => error,
      )
      proxy.inject(undefined)
      expect(failure).toMatchObject({
        code: 'TARGET_UNREACHABLE',
        exit: 5,
        message: expect.stringMatching(
          /^[^\n]*cannot be reached[^\n]*\d+ of 3440 rows are there: run the same/,
        ),
      })
      expect((await seed()).rowsBefore).toBeGreaterThan(400)
      await whole()
    })

    it('a server that asks for a token ends it at once', async () => {
      proxy.inject((_, authorization) => (authorization === 'Bearer right' ? undefined : { status: 401 }))
      await expect(seed({ url: proxy.url })).rejects.toMatchObject({
        exit: 5,
        message: expect.stringMatching(/asks for a token.*--auth-token-env$/),
      })
      proxy.inject(undefined)
    })
  })

  it.each([1, 60, 1500, total])(
    'lives on when the server is killed after %i rows and comes back: no acknowledged row is missing, none there twice',
    async (rows) => {
      let restarted: Promise<RunningSqld> | undefined
      const summary = await seed({
        onProgress: (done) => {
          if (done < rows || restarted !== undefined) return
          process.kill(server.pid, 'SIGKILL')
          const again = { folder: join(folder, 'server'), port: Number(new URL(server.url).port) }
          restarted = server.end().then(() => startSqld(again))
        },
      })
      server = await restarted!
      expect(summary).toMatchObject({ digest: { all: digest }, rowsBefore: 0 })
      await whole()
    },
  )

  it('a server that is not there is one line, at once', async () => {
    await expect(seed({ url: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
      exit: 5,
      message: expect.stringMatching(/^http:\/\/127.0.0.1:1: cannot be reached/),
    })
  })
})
