import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { copySeeded, sharedCache } from '../../../fixtures/cache/shared-cache.ts'
import { buildOnce, forgebench, type Ended, type StartOptions } from '../../../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../../../fixtures/cli/in-process.ts'
import { commitAll, git } from '../../../fixtures/cli/user-project.ts'
import { tinyScenario } from '../../../fixtures/cli/tiny-scenario.ts'
import { parseGateRun } from '../../run/read.ts'
import type { GateRun } from '../../run/gate/gate-run.ts'
import { findSqld, startSqld } from '../../target/server/sqld-process.ts'

const root = mkdtempSync(join(tmpdir(), 'forgebench-gate-'))
const quick = ['--scale', '0.1', '--operation-ms', '30', '--operations', 'Q1']
/** Options with the value of one of them replaced. */
const withValue = (args: readonly string[], option: string, value: string): readonly string[] =>
  args.map((arg, index) => (args[index - 1] === option ? value : arg))
const hasSqld = (await findSqld()) !== undefined
let cwd = ''

const gate = (args: readonly string[], options: Partial<StartOptions> = {}): Promise<Ended> =>
  forgebench(['gate', 'compare', ...args], { cwd, env: { FORGEBENCH_CACHE: sharedCache }, ...options })
const gateHere = (args: readonly string[]): Promise<Ended> =>
  forgebenchHere(['gate', 'compare', ...args], { cwd, env: { FORGEBENCH_CACHE: sharedCache } })
const judge = (path: string): Promise<Ended> => forgebenchHere(['gate', 'judge', path], { cwd })
const sides = (baseline: string, candidate: string): readonly string[] => [
  './tiny.ts',
  ...quick,
  '--baseline',
  `variant:${baseline}`,
  '--candidate',
  `variant:${candidate}`,
]

beforeAll(buildOnce)
beforeEach(() => {
  cwd = mkdtempSync(join(root, 'user-'))
  writeFileSync(join(cwd, 'tiny.ts'), tinyScenario)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Path and content of the only Run in `reports`. */
function saved(): { readonly path: string; readonly run: GateRun } {
  const runs = readdirSync(join(cwd, 'reports'))
  expect(runs).toHaveLength(1)
  const path = join('reports', runs[0] ?? '', 'run.json')
  return { path, run: parseGateRun(readFileSync(join(cwd, path), 'utf8'), path) }
}

describe('a gate on a scenario of a user', () => {
  test('takes a revision of its project for the baseline, and the working tree for the candidate', async () => {
    commitAll(cwd, 'as it was')
    writeFileSync(
      join(cwd, 'tiny.ts'),
      tinyScenario.replace("migrations: ['composite-indexes']", 'migrations: []'),
    )
    const before = git(cwd, 'status', '--porcelain')
    const args = ['./tiny.ts', ...quick, '--baseline', 'git:main:composite', '--out', join(cwd, 'reports')]
    const { status, stdout } = await gate(args)
    expect(stdout).toMatch(/^gate tiny: variant:composite against git:main:composite$/m)
    expect(stdout).toMatch(/^FAIL: .*\bQ1\b/m)
    expect(status).toBe(1)
    rmSync(join(cwd, 'reports'), { recursive: true })
    expect(git(cwd, 'status', '--porcelain')).toBe(before)
  })

  test('fails a lost index, names the operation with its interval, and says the same from its file', async () => {
    const { status, stdout, stderr } = await gate(sides('composite', 'baseline'))
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining('Run: reports/') })
    expect(stdout).toMatch(/^FAIL: .*\bQ1\b.* \+[\d,.]+ % \[\+[\d,.]+, \+[\d,.]+\]/m)
    const { path, run } = saved()
    expect(run).toMatchObject({ status: 'complete', kind: 'gate', baseline: { spec: 'variant:composite' } })
    rmSync(join(cwd, 'tiny.ts'))
    expect(await judge(path)).toEqual({ status: 1, stdout, stderr: '' })
  })

  test('passes the same index when it is new, and calls that an improvement', async () => {
    const { status, stdout } = await gate(sides('baseline', 'composite'))
    expect(stdout).toMatch(/^IMPROVED: .*\bQ1\b.* −[\d,.]+ % \[/m)
    expect(status).toBe(0)
  })

  test('does not fail a variant against itself', async () => {
    const { status, stdout } = await gate([...sides('composite', 'composite'), '--json'])
    expect([0, 3]).toContain(status)
    expect(parseGateRun(stdout, 'stdout')).toEqual(saved().run)
  })
})

describe('a gate that does not come to its end', () => {
  test.skipIf(!existsSync(`/proc/${process.pid}/task/${process.pid}/children`))(
    'because its process dies saves what it has and exits 5 (needs /proc)',
    async () => {
      let killed = false
      const { status, stderr } = await gate(sides('composite', 'composite'), {
        onStderr: (text, child) => {
          if (killed || !text.includes('timing 2/')) return
          killed = true
          void killChildren(child.pid ?? 0)
        },
      })
      expect(stderr).toMatch(/^forgebench: tiny, round 3: a measuring process died \(SIGKILL\)$/m)
      expect(status).toBe(5)
      const { run, path } = saved()
      expect(run.status).toBe('partial')
      expect(run.rounds.length).toBeGreaterThanOrEqual(2)
      expect((await judge(path)).status).toBe(3)
    },
  )

  test.skipIf(!hasSqld)('because a server dies saves what it has and exits 5 (needs sqld)', async () => {
    const db = join(cwd, 'a.db')
    await copySeeded(db)
    const servers = [await startSqld({ databasePath: db }), await startSqld({ databasePath: db })]
    const [baseline = '', candidate = ''] = servers.map(({ url }) => url)
    try {
      // Medians, because a busy server has not answered often enough for a p95.
      const args = [
        './tiny.ts',
        '--operation-ms',
        '30',
        '--quantile',
        'p50',
        '--baseline',
        baseline,
        '--candidate',
        candidate,
      ]
      const { status, stderr } = await gate(args, {
        onStderr: (text) =>
          void (text.includes('timing 2/') && process.kill(servers[1]?.pid ?? 0, 'SIGKILL')),
      })
      expect(stderr).toContain(`tiny, round 3: Q1 on candidate: ${candidate}: cannot be reached`)
      expect(status).toBe(5)
      const { run, path } = saved()
      expect(run).toMatchObject({ status: 'partial', candidate: { url: candidate } })
      expect(run.rounds.length).toBeGreaterThanOrEqual(2)
      const { status: again, stdout } = await judge(path)
      expect(again).toBe(3)
      expect(stdout).toContain(`cut short: tiny, round 3: Q1 on candidate: ${candidate}: cannot be reached`)
    } finally {
      await Promise.all(servers.map((server) => server.stop()))
    }
  })

  test('because the time is up says that it could not tell', async () => {
    const args = [
      ...withValue(sides('composite', 'composite'), '--operation-ms', '300'),
      '--max-seconds',
      '3',
    ]
    const { status } = await gate(args)
    expect([3, 4]).toContain(status)
    const { run } = saved()
    expect(run.status).toBe('complete')
    expect(run.rounds.length).toBeLessThan(8)
  })

  test('because of Ctrl-C saves what it has and exits 130', async () => {
    const { status } = await gate(sides('composite', 'composite'), {
      onStderr: (text, child) => void (text.includes('timing 2/') && child.kill('SIGINT')),
    })
    expect(status).toBe(130)
    expect(saved().run.status).toBe('partial')
  })
})

/** Kills the process that measures, as soon as there is one. */
async function killChildren(parent: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim()
    if (children !== '') {
      for (const child of children.split(' ')) process.kill(Number(child), 'SIGKILL')
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('a gate that cannot be', () => {
  test.each([
    [['./tiny.ts', '--baseline', 'variant:baseline'], /^forgebench: gate compare needs --candidate/],
    [sides('compsite', 'baseline'), /no variant compsite; did you mean composite\?/],
    [withValue(sides('baseline', 'baseline'), '--operations', 'Q9'), /no operation Q9; it has Q1, rename/],
    [[...sides('baseline', 'baseline'), '--out', 'tiny.ts/reports'], /cannot write below .*tiny.ts/],
    [[...sides('baseline', 'baseline'), '--auth-token-env', 'TOKEN'], /--candidate is none/],
    [
      ['./tiny.ts', '--baseline', 'git:main', '--candidate', 'variant:baseline'],
      /^forgebench: --baseline git:main: this baseline cannot be built: .* is in no git repository/,
    ],
    [['./tiny.ts', '--baseline', 'file:absent.db', '--candidate', 'variant:baseline'], /no such file/],
  ])('is refused in one line: %j', async (args, message) => {
    const { status, stdout, stderr } = await gateHere(args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^forgebench: [^\n]+\n$/)
    expect(stderr).toMatch(message)
    expect(existsSync(join(cwd, 'reports'))).toBe(false)
  })

  test('because a server is not there ends with 5, before anything is seeded', async () => {
    const args = ['./tiny.ts', '--baseline', 'http://127.0.0.1:1', '--candidate', 'variant:baseline']
    expect(await gateHere(args)).toEqual({
      status: 5,
      stdout: '',
      stderr:
        'forgebench: http://127.0.0.1:1: cannot be reached; is the server running, and the URL right?\n',
    })
  })

  test('because the sides answer otherwise ends with 4, naming the operation', async () => {
    const text = tinyScenario.replace("migrations: ['composite-indexes']", "migrations: ['binary-uuids']")
    // Ids are alike in every form, so that what differs is a literal of the statement.
    writeFileSync(join(cwd, 'tiny.ts'), text.replace('SELECT id,', 'SELECT typeof(id) AS id,'))
    const { status, stdout, stderr } = await gateHere(sides('baseline', 'composite'))
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
    expect(stderr).toMatch(
      /^forgebench: tiny: Q1 answers otherwise on candidate than on baseline \(other values in \d+ rows, 24 executions\)/m,
    )
  })
})
