import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildOnce, type Ended } from '../../../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../../../fixtures/cli/in-process.ts'
import { startFaultyProxy, type FaultyProxy } from '../../../fixtures/servers/faulty-proxy.ts'
import { RemoteConnection } from '../../target/remote/remote.ts'
import { findSqld, startSqld, type RunningSqld } from '../../target/server/sqld-process.ts'

const sqld = await findSqld()

describe.skipIf(sqld === undefined)('commands on a libSQL server (needs sqld)', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'forgebench-migrate-server-'))
  let server: RunningSqld
  let proxy: FaultyProxy
  const at = (url: string, ...args: readonly string[]): Promise<Ended> =>
    forgebenchHere([...args, '--db', url], {
      cwd,
      env: { FORGEBENCH_CACHE: join(cwd, 'cache'), TOKEN: 'wrong-and-secret' },
    })
  const run = (...args: readonly string[]): Promise<Ended> => at(server.url, ...args)
  const ask = async (sql: string): Promise<readonly unknown[]> => {
    const remote = new RemoteConnection({ kind: 'remote', url: server.url }, { concurrency: 1 })
    const { rows } = await remote.query(sql)
    remote.close()
    return rows.flat()
  }
  const recorded = (): Promise<readonly unknown[]> =>
    ask('SELECT id FROM forgebench_migrations ORDER BY position')
  const migration = (id: string, up: string, down: string): void => {
    const folder = join(cwd, 'migrations', id)
    mkdirSync(folder, { recursive: true })
    const description = { id, dependsOn: ['initial'], claims: [], why: 'a test' }
    writeFileSync(join(folder, 'migration.json'), JSON.stringify(description))
    writeFileSync(join(folder, 'up.sql'), up)
    writeFileSync(join(folder, 'down.sql'), down)
  }

  beforeAll(async () => {
    await buildOnce()
    server = await startSqld({ folder: join(cwd, 'server') })
    proxy = await startFaultyProxy(server.url)
    migration('analyzed', 'CREATE INDEX a1 ON evaluations (model);\n\nANALYZE;', 'DROP INDEX a1;')
    migration('orphans', `UPDATE evaluations SET prompt_id = 'none' WHERE rowid = 1;`, 'SELECT 1;')
    migration('broken', 'CREATE TABLE b (x);\nCREATE INDEX b1 ON nowhere (x);', 'DROP TABLE b;')
    migration('lossy', 'DELETE FROM test_results WHERE rowid = 7;', 'SELECT 1;')
  })
  afterAll(async () => {
    await proxy.close()
    await server.stop()
    rmSync(cwd, { recursive: true, force: true })
  })

  it('seed fills it, --verify reads it back, and both print the digest of a file of that seed', async () => {
    const file = await forgebenchHere(['seed', '--scale', '0.01', '--seed', '5', '--db', 'a.db'], { cwd })
    const digest = /digest ([0-9a-f]{64})/.exec(file.stdout)?.[1]
    const seeded = await run('seed', '--scale', '0.01', '--seed', '5')
    expect(seeded).toMatchObject({ status: 0, stdout: expect.stringContaining(`digest ${digest}\n`) })
    expect((await run('seed', '--verify')).stdout).toMatch(
      new RegExp(`^verified http://.*\ndigest ${digest}\n$`),
    )
    expect(await run('seed', '--scale', '0.01', '--workers', '2')).toMatchObject({ status: 2 })
  })

  it('migrations go up, are known and come down, tables rebuilt with rows that refer to them', async () => {
    expect(await run('migrate', 'up', 'binary-uuids')).toMatchObject({
      status: 0,
      stdout: 'binary-uuids: applied\n',
      stderr: '',
    })
    expect(await ask('SELECT typeof(id), length(id) FROM evaluations LIMIT 1')).toEqual(['blob', 16])
    const { status, stdout } = await run('migrate', 'status')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^✓ binary-uuids +\d{4}-/m)
    expect(await run('migrate', 'down')).toMatchObject({ status: 0, stdout: 'binary-uuids: reverted\n' })
    expect(await recorded()).toEqual(['initial'])
    expect((await run('seed', '--verify')).status).toBe(0)
  })

  it('verify proves migrations on it and leaves it as it was; it needs --allow-writes', async () => {
    const refused = await run('migrate', 'verify', 'binary-uuids')
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringMatching(/a copy .* --allow-writes\n$/) })
    const verified = await run('migrate', 'verify', 'binary-uuids', 'composite-indexes', '--allow-writes')
    expect(verified.stdout).toMatch(/^✓ binary-uuids: the same schema and 3440 rows\n✓ composite-indexes/m)
    expect((await run('seed', '--verify')).status).toBe(0)
    expect(await recorded()).toEqual(['initial'])
  })

  it('what a server does not take is named before anything is run', async () => {
    const { status, stderr } = await run('migrate', 'up', 'analyzed')
    expect(stderr).toMatch(
      /^forgebench: migrations\/analyzed\/up.sql:3: ANALYZE: libSQL servers refuse ANALYZE; .*\n$/,
    )
    expect(status).toBe(2)
    expect(await ask(`SELECT name FROM sqlite_schema WHERE name = 'a1'`)).toEqual([])
  })

  it.each([
    ['orphans', /orphans up: rows would refer to nothing; nothing was changed/],
    [
      'broken',
      /migrations\/broken\/up.sql:2 \(CREATE INDEX b1 ON nowhere \(x\)\) failed, nothing was changed/,
    ],
  ])('a migration that fails (%s) leaves nothing behind', async (id, message) => {
    const { status, stderr } = await run('migrate', 'up', id)
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^[^\n]+\n$/)
    expect(status).toBe(2)
    expect(await recorded()).toEqual(['initial'])
    expect((await run('seed', '--verify')).status).toBe(0)
    expect((await run('migrate', 'status')).status).toBe(0)
  })

  it('verify says which migration does not come back', async () => {
    const { status, stdout } = await run('migrate', 'verify', 'lossy', '--allow-writes')
    expect(stdout).toMatch(/^✗ lossy: after up: test_results has 2999 rows, not 3000/m)
    expect(status).toBe(1)
    expect((await run('seed', '--scale', '0.01', '--replace')).status).toBe(0)
  })

  it.each(['cut before', 'cut after', { status: 429 }] as const)(
    'a request that is lost (%o) is repeated only when it was not done',
    async (fault) => {
      let faults = 0
      proxy.inject((body) => (body.includes('CREATE INDEX') && (faults += 1) === 1 ? fault : undefined))
      expect(await at(proxy.url, 'migrate', 'up', 'composite-indexes')).toMatchObject({
        status: 0,
        stderr: '',
      })
      proxy.inject(undefined)
      expect(faults).toBe(fault === 'cut after' ? 1 : 2)
      expect(await recorded()).toEqual(['initial', 'composite-indexes'])
      expect((await run('migrate', 'down')).status).toBe(0)
    },
  )

  it('a server that is killed before or after a migration has it whole or not at all', async () => {
    for (const fault of ['cut before', 'cut after'] as const) {
      let restarted: Promise<RunningSqld> | undefined
      proxy.inject((body) => {
        if (!body.includes('CREATE TABLE') || restarted !== undefined) return undefined
        if (fault === 'cut after') return fault
        process.kill(server.pid, 'SIGKILL')
        const again = { folder: join(cwd, 'server'), port: Number(new URL(server.url).port) }
        restarted = server.end().then(() => startSqld(again))
        return fault
      })
      const { status } = await at(proxy.url, 'migrate', 'up', 'binary-uuids')
      proxy.inject(undefined)
      if (restarted !== undefined) server = await restarted
      expect(status).toBe(0)
      expect(await ask('SELECT count(*) FROM evaluations WHERE length(id) = 16')).toEqual([300])
      expect((await run('migrate', 'down')).status).toBe(0)
    }
    expect((await run('seed', '--verify')).status).toBe(0)
  })

  it.each([
    ['migrate', 'status'],
    ['migrate', 'up', 'composite-indexes'],
    ['seed', '--scale', '0.01'],
    ['seed', '--verify'],
  ])(
    '%s %s: a wrong token and a host that is not there are told apart, and no token is said',
    async (...command) => {
      proxy.inject((_, authorization) => (authorization === 'Bearer right' ? undefined : { status: 401 }))
      const denied = await at(proxy.url, ...command.filter(Boolean), '--auth-token-env', 'TOKEN')
      proxy.inject(undefined)
      expect(denied).toMatchObject({ status: 5, stdout: '' })
      expect(denied.stderr).toMatch(/^forgebench: [^\n]*refuses the token[^\n]*--auth-token-env\n$/)
      const absent = await at('http://127.0.0.1:1', ...command.filter(Boolean), '--auth-token-env', 'TOKEN')
      expect(absent).toMatchObject({ status: 5, stdout: '' })
      expect(absent.stderr).toMatch(/^forgebench: http:\/\/127.0.0.1:1: cannot be reached[^\n]*\n$/)
      expect(denied.stderr + absent.stderr).not.toContain('secret')
    },
  )
})
