import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildOnce, forgebench, type Ended, type Surroundings } from '../../fixtures/cli/forgebench.ts'
import { tinyScenario } from '../../fixtures/cli/tiny-scenario.ts'
import { parseGateRun } from '../run/read.ts'
import type { GateRun } from '../run/gate-run.ts'

const root = mkdtempSync(join(tmpdir(), 'forgebench-gate-'))
const cache = join(root, 'cache')
const quick = ['--scale', '0.1', '--operation-ms', '30', '--operations', 'Q1']
let cwd = ''

const gate = (args: readonly string[], surroundings: Partial<Surroundings> = {}): Promise<Ended> =>
  forgebench(['gate', ...args], { cwd, env: { FORGEBENCH_CACHE: cache }, ...surroundings })
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
  test('fails a lost index, names the operation with its interval, and says the same from its file', async () => {
    const { status, stdout, stderr } = await gate(sides('composite', 'baseline'))
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining('Run: reports/') })
    expect(stdout).toMatch(/^FAIL: p95 is slower: Q1 \+[\d,.]+ % \[\+[\d,.]+, \+[\d,.]+\]$/m)
    const { path, run } = saved()
    expect(run).toMatchObject({ status: 'complete', kind: 'gate', baseline: { spec: 'variant:composite' } })
    rmSync(join(cwd, 'tiny.ts'))
    expect(await gate(['--from', path])).toEqual({ status: 1, stdout, stderr: '' })
  })

  test('passes the same index when it is new, and calls that an improvement', async () => {
    const { status, stdout } = await gate(sides('baseline', 'composite'))
    expect(stdout).toMatch(/^IMPROVED: p95 is faster: Q1 −/m)
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
      expect(stderr).toMatch(/^forgebench: a measuring process died \(SIGKILL\)$/m)
      expect(status).toBe(5)
      const { run, path } = saved()
      expect(run.status).toBe('partial')
      expect(run.rounds.length).toBeGreaterThanOrEqual(2)
      expect((await gate(['--from', path])).status).toBe(3)
    },
  )

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
    [['./tiny.ts', '--baseline', 'variant:baseline'], /--baseline and --candidate/],
    [[], /needs a scenario/],
    [sides('compsite', 'baseline'), /no variant compsite; did you mean composite\?/],
    [[...sides('baseline', 'baseline'), '--operations', 'Q9'], /no operation Q9; it has Q1, rename/],
    [['./tiny.ts', '--baseline', 'git:main', '--candidate', 'variant:baseline'], /write variant:<id>/],
    [['--from', 'absent.json'], /absent.json: cannot be read/],
    [['--from', 'tiny.ts'], /tiny.ts: not JSON/],
  ])('is refused in one line: %j', async (args, message) => {
    const { status, stdout, stderr } = await gate(args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^forgebench: [^\n]+\n$/)
    expect(stderr).toMatch(message)
  })

  test('from the Run of another command, or of a newer one, is refused in one line', async () => {
    const sample = JSON.parse(readFileSync('reports/sample/run.json', 'utf8')) as object
    writeFileSync(join(cwd, 'run.json'), JSON.stringify(sample))
    expect((await gate(['--from', 'run.json'])).stderr).toMatch(
      /^forgebench: run.json: a Run of `forgebench run`/,
    )
    writeFileSync(join(cwd, 'run.json'), JSON.stringify({ ...sample, version: 99 }))
    expect((await gate(['--from', 'run.json'])).stderr).toMatch(
      /^forgebench: run.json: a Run of format version 99/,
    )
  })
})
