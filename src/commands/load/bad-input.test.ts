import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommanderError } from 'commander'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { buildOnce, forgebench } from '../../../fixtures/cli/forgebench.ts'
import { ForgebenchError } from '../../core/errors.ts'
import { program } from '../program.ts'

const cwd = mkdtempSync(join(tmpdir(), 'forgebench-load-bad-'))
const profilePath = join(cwd, 'profile.ts')
const profileText = (changes = ''): string => `import type { LoadProfile } from 'forgebench'

const profile = {
  title: 'one list',
  why: 'a test',
  data: { file: 'profile.data.json', tables: {} },
  requests: [{ id: 'list', title: 'a list', method: 'GET', path: () => '/things', status: 200 }],
  mixes: { all: { list: 1 } },
  thinkMs: { from: 0, to: 0 },
  stages: [{ seconds: 1, level: 1 }],
  thresholds: {},
} satisfies LoadProfile

export default { ...profile, ${changes} }
`

const servers: Server[] = []
beforeAll(() => {
  writeFileSync(profilePath, profileText())
  writeFileSync(join(cwd, 'profile.data.json'), '{}')
})
afterAll(() => {
  // A load installs them for its own process; this one is vitest's.
  process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM')
  for (const server of servers) server.close()
  rmSync(cwd, { recursive: true, force: true })
})

afterEach(() => vi.unstubAllEnvs())

async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What a load is refused with, in this process: exit code and message. */
async function refusal(args: readonly string[], folder = cwd): Promise<string> {
  const silent = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const cwdBefore = process.cwd()
  process.chdir(folder)
  try {
    await (await program('load')).parseAsync(['load', ...args], { from: 'user' })
    return 'accepted'
  } catch (error) {
    if (error instanceof CommanderError) return `2: ${error.message}`
    return error instanceof ForgebenchError ? `${error.exit}: ${error.message}` : `not ours: ${String(error)}`
  } finally {
    process.chdir(cwdBefore)
    silent.mockRestore()
  }
}

/** The same in a process of its own: one line, after what it said it would send, and nothing on stdout. */
async function refusalOfProcess(args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await forgebench(['load', ...args], { cwd })
  const lines = stderr.trimEnd().split('\n')
  const complaints = lines.filter((line) => line.startsWith('forgebench: '))
  expect(complaints, stderr).toHaveLength(1)
  expect(lines.at(-1), stderr).toBe(complaints[0])
  expect(stderr).not.toMatch(/^\s+at /m)
  expect(stdout).toBe('')
  return `${status}: ${complaints[0]?.slice('forgebench: '.length)}`
}

const json: RequestListener = (_request, response) =>
  void response.setHeader('content-type', 'application/json').end('{}')

describe('forgebench load, misused', () => {
  test.each<readonly [readonly string[], string]>([
    [[], '2: --url is missing; start the API with «forgebench serve»'],
    [
      ['--url', '127.0.0.1:80/x'],
      '2: --url 127.0.0.1:80/x is not a URL; did you mean http://127.0.0.1:80/x?',
    ],
    [['--url', 'http://me:hunter2@127.0.0.1'], '2: --url must not hold a name or password'],
    [
      ['--url', 'http://10.1.2.3'],
      '2: 10.1.2.3 is not this machine; if you may put load on it, say so with --allow-host 10.1.2.3',
    ],
    [
      ['--url', 'http://127.0.0.1', '--engine', 'wrk'],
      "'wrk' is invalid. Allowed choices are open, autocannon, k6",
    ],
    [['--url', 'http://127.0.0.1', '--rate', '0'], 'must be a number from 0.1 to 1000000'],
    [
      ['--url', 'http://127.0.0.1', '--rate', '5', '--users', '5'],
      "'--rate <n>' cannot be used with option '--users <n>'",
    ],
    [
      ['--url', 'http://127.0.0.1', '--rate', '5', '--peak'],
      "'--rate <n>' cannot be used with option '--peak'",
    ],
    [
      ['--url', 'http://127.0.0.1', '--profile', 'prompt-api'],
      '2: no load profile prompt-api; did you mean load/prompts-api?',
    ],
    [['--url', 'http://127.0.0.1', '--profile', './gone.ts'], '2: ./gone.ts: no such file'],
    [['--url', 'http://127.0.0.1', '--mix', 'revew'], 'has no mix revew; it has review, full, reads'],
    [
      ['--url', 'http://127.0.0.1', '--data', 'gone.json'],
      'gone.json: no such file with the rows of the profile; draw its rows with: forgebench load draw-data',
    ],
    [['--url', 'http://127.0.0.1', '--threshold', 'p(95)<200'], 'it must be metric=expression'],
    [
      ['--url', 'http://127.0.0.1', '--threshold', 'http_req_duration=p95<200'],
      "--threshold: threshold 'http_req_duration': 'p95<200'",
    ],
    [
      ['--url', 'http://127.0.0.1', '--threshold', 'http_req_duration{op:lst}=p(95)<9'],
      'no request lst; did you mean list?',
    ],
    [
      ['--url', 'http://127.0.0.1', '--rate', '1000', '--max-requests', '10'],
      '2: this load is 28500 requests, more than --max-requests 10',
    ],
    [
      ['--url', 'http://127.0.0.1', '--auth-token-env', 'FORGEBENCH_NO_SUCH'],
      'FORGEBENCH_NO_SUCH is not set',
    ],
    [['--url', 'http://127.0.0.1', '--auth-token-env', 'eyJhbGciOi.J9'], 'and no such variable is set'],
    [
      ['--url', 'http://127.0.0.1', '--out', '/dev/null/x'],
      '2: cannot write below /dev/null; name another folder with --out',
    ],
    [
      ['--url', 'http://127.0.0.1', 'http://127.0.0.1'],
      '2: http://127.0.0.1: the engine open takes no arguments; the URL is given with --url',
    ],
    [
      ['colect', 'pods.log'],
      'forgebench load has the commands run, compare, k6-operator, collect, draw-data',
    ],
    [['--engine', 'k6-operator'], "'k6-operator' is invalid. Allowed choices are open, autocannon, k6"],
    [['collect', 'pods.log', '--rate', '5'], "unknown option '--rate'"],
    [['draw-data', '--db', 'file:a.db', '--url', 'http://127.0.0.1'], "unknown option '--url'"],
    [['compare', 'a', 'b', '--url', 'http://127.0.0.1'], "unknown option '--url'"],
    [['run', '--rounds', '3'], "unknown option '--rounds'"],
    [['--arrivals', 'poisson', '--peak'], "'--arrivals <spacing>' cannot be used with option '--peak'"],
    [['draw-data'], "2: error: required option '--db <location>' not specified"],
    [['draw-data', '--db', 'file:gone.db'], '2: no database'],
  ])('%j is one line with the fix', async (args, message) => {
    const found = await refusal(args)
    expect(found).toContain(message)
    expect(found).not.toMatch(/\n|hunter2/)
  })

  test.each([
    ['mixes: { all: { list: 0 } }', 'mixes.all: has no weight above 0, so nothing would be sent'],
    ['requets: []', 'requets: unknown field; did you mean requests?'],
    ["thresholds: { http_req_duration: ['p(95)<'] }", "threshold 'http_req_duration'"],
    [
      "requests: [{ ...profile.requests[0], path: () => 'things' }]",
      'requests[0].path: gave "things"; it must be a path',
    ],
  ])('a profile with %s is one line with its place', async (changes, message) => {
    // A module is loaded once a process, whatever becomes of its file.
    const name = `./wrong-${randomUUID()}.ts`
    writeFileSync(join(cwd, name), profileText(changes))
    const found = await refusal(['--url', 'http://127.0.0.1', '--profile', name])
    expect(found).toContain(`2: ${name}: `)
    expect(found).toContain(message)
    expect(found).not.toContain('\n')
  })

  test('a wrong configuration is one line', async () => {
    const folder = join(cwd, 'configured')
    mkdirSync(folder)
    writeFileSync(join(folder, 'forgebench.config.ts'), "export default { load: { allowHost: ['x'] } }\n")
    expect(await refusal(['--url', 'http://127.0.0.1'], folder)).toContain(
      '2: forgebench.config.ts: load.allowHost: unknown field; did you mean allowHosts?',
    )
  })
})

describe('the process of forgebench load', () => {
  beforeAll(buildOnce)

  test('says one line and no stack, whether it was refused before its summary or after', async () => {
    expect(await refusalOfProcess(['--url', 'http://10.1.2.3'])).toContain('2: 10.1.2.3 is not this machine')
    const args = ['--profile', './profile.ts', '--no-floor']
    expect(await refusalOfProcess(['--url', 'http://127.0.0.1:1', ...args])).toContain(
      '5: nothing listens on',
    )
  })

  test('names the command that allows more open files', async () => {
    const url = await answering(json)
    const cli = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url))
    const args = ['load', '--url', url, '--profile', profilePath, '--connections', '5000']
    const limited = ['-c', 'ulimit -n 300; exec "$0" "$@"', process.execPath, cli, ...args]
    const { status, stderr } = spawnSync('sh', limited, { cwd, encoding: 'utf8' })
    expect(stderr).toMatch(
      /^forgebench: 5000 connections .* and 300 are allowed; allow more with: ulimit -n \d+/m,
    )
    expect(status).toBe(2)
  })
})

describe('forgebench load, on what is no API', () => {
  const tried = async (url: string, ...args: readonly string[]): Promise<string> =>
    refusal(['--url', url, '--profile', profilePath, '--no-floor', ...args])

  test.each<readonly [string, RequestListener, string]>([
    [
      'the wrong path',
      (_, response) => void response.writeHead(404).end(),
      '2: GET /things answers 404: the path below --url is wrong',
    ],
    [
      'a web page',
      (_, response) => void response.setHeader('content-type', 'text/html').end('<p>'),
      '2: GET /things answers a page of HTML where JSON is due',
    ],
    [
      'a redirect',
      (_, response) => void response.writeHead(302, { location: '/login' }).end(),
      '2: GET /things answers 302, elsewhere: /login',
    ],
    [
      'a closed door',
      (_, response) => void response.writeHead(401).end(),
      '2: GET /things answers 401; put a token',
    ],
    [
      'a broken API',
      (_, response) => void response.writeHead(500).end('disk'),
      '5: GET /things answers 500: disk',
    ],
  ])('%s is one line with the fix', async (_name, listener, message) => {
    expect(await tried(await answering(listener))).toContain(message)
  })

  test('nobody there, TLS where there is none, and a slow one', async () => {
    expect(await tried('http://127.0.0.1:1')).toContain('5: nothing listens on 127.0.0.1:1; start the API')
    const plain = await answering(json)
    expect(await tried(plain.replace('http:', 'https:'))).toMatch(
      /^5: .*is it http:\/\/ in place of https:\/\/\?/,
    )
    expect(await tried(await answering(() => undefined), '--timeout', '150')).toContain(
      'gave no answer within 150 ms',
    )
  })
})

describe('forgebench load --engine k6, without a k6 that serves', () => {
  const args = (url: string) => ['--url', url, '--profile', profilePath, '--engine', 'k6', '--duration', '1']

  test('none at all, one that is none, and one that is too old', async () => {
    const url = await answering(json)
    const script = (name: string, text: string): string => {
      const path = join(cwd, name)
      writeFileSync(path, `#!/bin/sh\n${text}\n`)
      chmodSync(path, 0o755)
      return path
    }
    vi.stubEnv('PATH', '')
    vi.stubEnv('FORGEBENCH_CACHE', cwd)
    vi.stubEnv('K6_BIN', undefined)
    expect(await refusal(args(url))).toMatch(/^2: no k6 on PATH; install it with: /)
    vi.unstubAllEnvs()
    const withK6 = async (path: string): Promise<string> => {
      vi.stubEnv('K6_BIN', path)
      return refusal(args(url))
    }
    expect(await withK6(join(cwd, 'gone'))).toMatch(/^2: K6_BIN names .* no program/)
    expect(await withK6(script('no-k6', 'echo hello'))).toMatch(/^2: .*no-k6 is no k6; /)
    const old = script('old-k6', 'echo "k6 v0.57.0 (go1.24, linux/amd64)"')
    expect(await withK6(old)).toMatch(/^2: .*is k6 0\.57\.0, and 2\.0 or later is needed; /)
  })
})
