import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seedCache } from '../../fixtures/cache/shared-cache.ts'
import { buildOnce } from '../../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../../fixtures/cli/in-process.ts'
import { seededCopy, type SeededCopy } from '../../fixtures/servers/seeded-copy.ts'
import { NativeConnection } from '../target/native.ts'

const cwd = mkdtempSync(join(tmpdir(), 'forgebench-serve-test-'))
const cache = join(cwd, 'cache')
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
let copy: SeededCopy

beforeAll(async () => {
  await buildOnce()
  await seedCache(cache)
  copy = await seededCopy()
  writeFileSync(join(cwd, 'text.db'), 'a text that is longer than the header of a database file')
  const other = new NativeConnection(join(cwd, 'other.db'))
  other.scriptSync('CREATE TABLE customers (id INTEGER)')
  other.close()
})
afterAll(() => {
  copy.remove()
  rmSync(cwd, { recursive: true, force: true })
})

interface Listening {
  readonly url: string
  readonly database: string
  readonly facts: Readonly<Record<string, string>>
}

/** Runs `forgebench serve --json`, does `work` while it listens, and stops it as Ctrl-C or `kill` would. */
async function whileServing(
  args: readonly string[],
  work: (listening: Listening, pid: number) => Promise<void>,
  signal: 'SIGINT' | 'SIGTERM' = 'SIGTERM',
  env: Readonly<Record<string, string>> = {},
): Promise<number | null> {
  const child = spawn(process.execPath, [cli, 'serve', '--port', '0', '--json', ...args], {
    cwd,
    env: { ...process.env, NODE_OPTIONS: '', FORGEBENCH_CACHE: cache, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  try {
    const line = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).once('line', resolve)
      void ended.then((status) => reject(new Error(`serve ended with ${status}`)))
    })
    await work(JSON.parse(line) as Listening, child.pid ?? 0)
  } finally {
    child.kill(signal)
  }
  return ended
}

const refused = async (args: readonly string[], status: number, message: RegExp): Promise<void> => {
  const ended = await forgebenchHere(['serve', ...args], { cwd, env: { FORGEBENCH_CACHE: cache } })
  expect(ended.stderr).toMatch(/^forgebench: [^\n]+\n$/)
  expect(ended.stderr).toMatch(message)
  expect({ status: ended.status, stdout: ended.stdout }).toEqual({ status, stdout: '' })
}

describe('forgebench serve', () => {
  test('serves a database that is named, keeps what is written, and ends with exit code 0', async () => {
    const status = await whileServing(['--db', `file:${copy.path}`], async ({ url, database, facts }) => {
      expect(database).toBe(copy.path)
      expect(facts).toMatchObject({
        status: 'ok',
        schema: 'initial',
        journal_mode: 'wal',
        synchronous: 'NORMAL',
      })
      expect(await (await fetch(`${url}/health`)).json()).toEqual(facts)
      const answer = await fetch(`${url}/api/v1/prompts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ title: 'kept', content: 'c', user_id: 'u' }),
      })
      expect(answer.status).toBe(201)
    })
    expect(status).toBe(0)
    const connection = new NativeConnection(copy.path)
    expect(connection.querySync("SELECT count(*) FROM prompts WHERE title = 'kept'").rows).toEqual([[1]])
    connection.close()
  })

  test('without --db serves seeded data with the migrations asked for, and throws its copy away', async () => {
    mkdirSync(join(cache, 'served', '999999999-left'), { recursive: true })
    let path = ''
    const args = ['--scale', '0.01', '--migrations', 'composite-indexes', '--analyze']
    const status = await whileServing(
      args,
      async ({ url, database, facts }) => {
        path = database
        expect(existsSync(path)).toBe(true)
        expect(facts).toMatchObject({ schema: 'initial, composite-indexes', statistics: 'analyzed' })
        const { items } = (await (await fetch(`${url}/api/v1/prompts?limit=5`)).json()) as {
          items: unknown[]
        }
        expect(items).toHaveLength(5)
      },
      'SIGINT',
    )
    expect(status).toBe(0)
    expect(existsSync(path)).toBe(false)
    // What a killed process left went too.
    expect(readdirSync(join(cache, 'served'))).toEqual([])
  })

  test('refuses in one line what it cannot serve', async () => {
    await refused(['--db', 'missing.db'], 2, /no database .*missing\.db; make it with: forgebench seed --db/)
    await refused(['--db', 'text.db'], 2, /is not a SQLite\/libSQL database/)
    await refused(
      ['--db', 'other.db'],
      2,
      /lacks the table prompts .*another schema, such as table customers.*; run forgebench serve without --db/,
    )
    await refused(['--db', 'http://127.0.0.1:9'], 5, /http:\/\/127\.0\.0\.1:9: cannot be reached/)
    await refused(
      ['--db', 'a.db', '--migrations', 'x'],
      2,
      /are for seeded data; with --db use: forgebench migrate up/,
    )
    await refused(['--db', copy.path, '--host', '0.0.0.0'], 2, /without a password; add --allow-public/)
    await refused(['--db', copy.path, '--auth-token-env', 'NO_SUCH_TOKEN'], 2, /NO_SUCH_TOKEN.* is not set/)
    await refused(['--scale', '0.01', '--migrations', 'no-such'], 2, /no-such/)
    await refused(['--port', '70000'], 2, /must be a whole number from 0 to 65535/)
  })

  test('says of a database that it cannot serve what will really help', async () => {
    const cases = [
      ['other.db', /another schema/],
      ['empty.db', /no tables/],
    ] as const
    writeFileSync(join(cwd, 'empty.db'), '')
    for (const [name, what] of cases) {
      const ended = await forgebenchHere(['serve', '--db', name], { cwd })
      expect(ended.stderr).toMatch(what)
      const [, hint = ''] = /made with: forgebench (.*)\n/.exec(ended.stderr) ?? []
      rmSync(join(cwd, 'reference.db'), { force: true })
      const seeded = await forgebenchHere([...hint.split(' '), '--scale', '0.01'], { cwd })
      expect(seeded.status).toBe(0)
      const [, , , served = ''] = hint.split(/[ :]/)
      const status = await whileServing(['--db', served], async ({ facts }) => {
        expect(facts['schema']).toBe('initial')
      })
      expect(status).toBe(0)
    }
  })

  test.runIf(process.platform === 'linux')(
    'gives its workers no variable that they do not need',
    async () => {
      const seen = new Set<string>()
      const readWorkers = (pid: number): void => {
        const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
        expect(children).toHaveLength(2)
        for (const child of children) {
          const environment = readFileSync(`/proc/${child}/environ`, 'utf8').split('\0')
          for (const entry of environment) seen.add(entry.split('=')[0] ?? '')
        }
      }
      const args = ['--db', `file:${copy.path}`, '--workers', '2']
      await whileServing(args, async (_, pid) => readWorkers(pid), 'SIGTERM', {
        DEPLOY_TOKEN: 'secret',
        ODD: '1',
      })
      expect(seen).toContain('PATH')
      expect(seen).not.toContain('DEPLOY_TOKEN')
      expect(seen).not.toContain('ODD')
    },
  )

  test('serves a database in which texts are not UTF-8, for it reads them as bytes', async () => {
    const own = await seededCopy()
    const connection = new NativeConnection(own.path)
    connection.scriptSync(`UPDATE prompts SET title = CAST(x'ff' AS TEXT)`)
    connection.close()
    const status = await whileServing(['--db', `file:${own.path}`], async ({ url }) => {
      expect((await fetch(`${url}/api/v1/prompts?limit=5`)).status).toBe(200)
    })
    expect(status).toBe(0)
    own.remove()
  })

  test('says when its port is in use', async () => {
    await whileServing(['--db', `file:${copy.path}`], async ({ url }) => {
      const port = new URL(url).port
      await refused(['--db', copy.path, '--port', port], 2, new RegExp(`port ${port} is in use; .* --port`))
    })
  })
})
