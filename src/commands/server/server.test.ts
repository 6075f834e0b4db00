import { execFileSync } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildOnce, forgebench, type Ended } from '../../../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../../../fixtures/cli/in-process.ts'
import { NativeConnection } from '../../target/native.ts'
import { RemoteConnection } from '../../target/remote/remote.ts'
import { signToken } from '../../target/server/server-keys.ts'
import type { ServerState } from '../../target/server/server-state.ts'
import { findSqld } from '../../target/server/sqld-process.ts'

const cwd = mkdtempSync(join(tmpdir(), 'forgebench-server-test-'))
const env = { FORGEBENCH_CACHE: join(cwd, 'cache') }
const folderOf = (name: string): string => join(env.FORGEBENCH_CACHE, 'servers', name)
const server = (...args: readonly string[]): Promise<Ended> =>
  forgebenchHere(['server', ...args], { cwd, env })

beforeAll(async () => {
  await buildOnce()
  const database = new NativeConnection(join(cwd, 'app.db'))
  database.scriptSync(
    'CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); INSERT INTO t VALUES (1, $$)'.replace('$$', "'x'"),
  )
  database.close()
})
afterAll(async () => {
  for (const name of ['default', 'locked']) await server('stop', name)
  rmSync(cwd, { recursive: true, force: true })
})

async function started(...args: readonly string[]): Promise<ServerState> {
  const { status, stdout, stderr } = await server('start', ...args, '--json')
  expect(status, stderr).toBe(0)
  return JSON.parse(stdout) as ServerState
}

/** A connection with that token, and what it answers or why it does not. */
async function asked(url: string, sql: string, authToken?: string): Promise<unknown> {
  const connection = new RemoteConnection({ kind: 'remote', url }, { concurrency: 1, authToken })
  try {
    return (await connection.query(sql)).rows
  } catch (error) {
    const { code, exit, message } = error as { code: string; exit: number; message: string }
    expect(message).toMatch(/^(?:http|ws):\/\/127\.0\.0\.1:\d+: [^\n]+$/)
    return [code, exit]
  } finally {
    connection.close()
  }
}

describe('without sqld', () => {
  it.each([
    [['start', '--sqld-bin', '/nowhere/sqld'], 2, 'no libSQL server (sqld) at /nowhere/sqld; install it'],
    [['start', '../x'], 2, 'the name of a server has letters, digits'],
    [['stop'], 5, 'no server default runs; start it with'],
    [['status', 'other'], 5, 'no server other runs; start it with'],
    [['token'], 2, 'the server default has no key to sign tokens with'],
    [['begin'], 2, "unknown command 'begin'"],
  ])('%j ends with %i and one line', async (args, status, text) => {
    const ended = await server(...args)
    expect(ended).toMatchObject({ status, stdout: '' })
    expect(ended.stderr).toMatch(/^forgebench: [^\n]+\n$/)
    expect(ended.stderr).toContain(text)
  })

  it('a binary that is no server is told with its last words, and leaves no database behind', async () => {
    const ended = await server('start', '--sqld-bin', process.execPath, '--db', 'file:app.db')
    expect(ended.status).toBe(5)
    expect(ended.stderr).toMatch(/^forgebench: the primary did not come up: .*bad option.*\n$/)
    expect(readdirSync(folderOf('default')).toSorted()).toEqual(['primary.log', 'server.lock'])
  })
})

describe.skipIf((await findSqld()) === undefined)('forgebench server (needs sqld)', () => {
  it('starts from a file, says so, keeps what was written, and stops', async () => {
    const first = await started('--db', 'file:app.db', '--replica')
    expect(first).toMatchObject({ name: 'default', version: expect.stringMatching(/^sqld /), auth: 'none' })
    expect(await asked(first.url, 'SELECT * FROM t')).toEqual([[1, 'x']])
    // Written through the replica, which hands it to the primary.
    await asked(first.replica!.url, "INSERT INTO t VALUES (2, 'y')")
    expect(await asked(first.url.replace('http', 'ws'), 'SELECT count(*) FROM t')).toEqual([[2]])

    expect(await server('start')).toMatchObject({
      status: 2,
      stderr: `forgebench: the server default runs already at ${first.url}; stop it with: forgebench server stop default\n`,
    })
    const { status, stdout } = await server('status', '--json')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ servers: [{ ...first, condition: 'running' }] })

    expect(await server('stop')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^default: stopped; its files stay/),
    })
    for (const pid of [first.pid, first.replica!.pid]) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect(await server('start', '--db', 'file:app.db')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('has a database from before'),
    })
    const second = await started()
    expect(await asked(second.url, 'SELECT count(*) FROM t')).toEqual([[2]])
  })

  it('that was killed is told apart from one that was stopped, and comes back with its data', async () => {
    const { pid } = JSON.parse((await server('status', '--json')).stdout).servers[0] as ServerState
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => server('status'), { timeout: 5_000 }).toMatchObject({ status: 5 })
    const { stdout, stderr } = await server('status', 'default')
    expect(stdout).toMatch(/^default: gone\n/)
    expect(stderr).toMatch(/^forgebench: default has ended without being stopped; [^\n]*\n$/)
    const again = await started()
    expect(await asked(again.url, 'SELECT count(*) FROM t')).toEqual([[2]])
    process.kill(again.pid, 'SIGKILL')
    await expect.poll(() => server('status'), { timeout: 5_000 }).toMatchObject({ status: 5 })
    expect(await server('stop')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('had ended before'),
    })
  })

  it('of one name is started by one of two commands at the same time', async () => {
    const both = ['server', 'start', '--json']
    const ended = await Promise.all([forgebench(both, { cwd, env }), forgebench(both, { cwd, env })])
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set([0, 2]))
    expect(ended.map(({ stderr }) => stderr).join('')).toMatch(/^forgebench: [^\n]+\n$/)
    expect(await server('stop', '--remove')).toMatchObject({ status: 0 })
    expect(readdirSync(join(env.FORGEBENCH_CACHE, 'servers'))).toEqual([])
  })

  it('is not started on a port that is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    expect(await server('start', '--port', String(port))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`port ${port} is in use`),
    })
    other.close()
  })

  it('with --auth tells every wrong token apart, and no token is to be seen anywhere', async () => {
    const { url, replica } = await started('locked', '--auth', '--replica')
    const folder = folderOf('locked')
    expect(statSync(join(folder, 'jwt-private.pem')).mode & 0o77).toBe(0)
    const nowS = Math.floor(Date.now() / 1000)
    const writing = (await server('token', 'locked')).stdout.trim()
    const reading = (await server('token', 'locked', '--read-only', '--minutes', '5')).stdout.trim()
    const expired = await signToken('locked', folder, { access: 'write', expiresAtS: nowS - 600 })
    const wrong = `${writing.split('.').slice(0, 2).join('.')}.${reading.split('.')[2]}`
    const create = 'CREATE TABLE IF NOT EXISTS t (a)'
    for (const each of [url, url.replace('http', 'ws'), replica!.url]) {
      expect(await asked(each, create)).toEqual(['TARGET_TOKEN_MISSING', 5])
      expect(await asked(each, create, wrong)).toEqual(['TARGET_TOKEN_INVALID', 5])
      expect(await asked(each, create, 'no-token')).toEqual(['TARGET_TOKEN_INVALID', 5])
      expect(await asked(each, create, expired)).toEqual(['TARGET_TOKEN_EXPIRED', 5])
      expect(await asked(each, create, reading)).toEqual(['TARGET_TOKEN_READ_ONLY', 5])
      expect(await asked(each, create, writing)).toEqual([])
      expect(await asked(each, 'SELECT count(*) FROM t', reading)).toEqual([[0]])
    }
    expect(await asked('http://127.0.0.1:9', create, writing)).toEqual(['TARGET_UNREACHABLE', 5])

    const secrets = [writing, reading, expired, wrong, readFileSync(join(folder, 'admin-key'), 'utf8')]
    const said = await server('status', 'locked', '--json')
    const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.endsWith('admin-key') && statSync(join(folder, name)).isFile())
      .map((name) => readFileSync(join(folder, name), 'latin1'))
    for (const text of [said.stdout, said.stderr, processes, ...files]) {
      for (const secret of secrets) expect(text).not.toContain(secret)
    }
    expect(processes).toContain(folder)
  })

  it('takes the public key of somebody else, and no private one', async () => {
    await server('stop', 'locked')
    const { url } = await started('--auth-key', join(folderOf('locked'), 'jwt-public.pem'))
    const token = await signToken('locked', folderOf('locked'), {
      access: 'write',
      expiresAtS: Math.floor(Date.now() / 1000) + 60,
    })
    expect(await asked(url, 'SELECT 1', token)).toEqual([[1]])
    expect(await server('token')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no key to sign'),
    })
    await server('stop')
    expect(await server('start', '--auth-key', join(folderOf('locked'), 'jwt-private.pem'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('holds no public key'),
    })
  })
})

const full = join(cwd, 'full')
const mayMount = ((): boolean => {
  mkdirSync(full)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', full], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()
afterAll(() => {
  if (mayMount) execFileSync('umount', ['-l', full])
})

describe.skipIf(!mayMount || (await findSqld()) === undefined)(
  'a full disk (root, who may mount; needs sqld)',
  () => {
    it.each([
      ['from the beginning', 0],
      ['when the server makes its files', 32],
    ])('%s is named in one line with exit code 5, and no server stays', async (_when, freeKib) => {
      rmSync(join(full, 'filler'), { force: true })
      writeFileSync(join(full, 'filler'), Buffer.alloc((256 - freeKib - 4) * 1024))
      if (freeKib === 0) {
        try {
          writeFileSync(join(full, 'rest'), Buffer.alloc(1 << 20))
        } catch {
          // As far as it went.
        }
      } else rmSync(join(full, 'rest'), { force: true })
      const cache = { FORGEBENCH_CACHE: full }
      const ended = await forgebenchHere(['server', 'start'], { cwd, env: cache })
      expect(ended.stderr).toMatch(/^forgebench: [^\n]*full[^\n]*\n$/)
      expect(ended.status).toBe(5)
      expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(full)
    })
  },
)
