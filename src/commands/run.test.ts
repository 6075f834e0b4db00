import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { seedCache } from '../../fixtures/cache/shared-cache.ts'
import { buildOnce, forgebench, type Ended, type StartOptions } from '../../fixtures/cli/forgebench.ts'
import { tinyScenario } from '../../fixtures/cli/tiny-scenario.ts'
import { runSchema } from '../run/run.ts'
import { runJsonSchema } from '../run/run-json-schema.ts'
import type { Run } from '../run/run.ts'

const root = mkdtempSync(join(tmpdir(), 'forgebench-run-'))
const cache = join(root, 'cache')
const quick = ['--scale', '0.01', '--rounds', '2', '--slice-ms', '1', '--max-seconds', '1']
let cwd = ''

const run = (args: readonly string[], options: Partial<StartOptions> = {}): Promise<Ended> =>
  forgebench(['run', './tiny.ts', ...args], {
    cwd,
    ...options,
    env: { FORGEBENCH_CACHE: cache, ...options.env },
  })

beforeAll(async () => {
  await buildOnce()
  await seedCache(cache)
})
beforeEach(() => {
  cwd = mkdtempSync(join(root, 'user-'))
  writeFileSync(join(cwd, 'tiny.ts'), tinyScenario)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** The files of the one run that is in a folder. */
function reported(folder = join(cwd, 'reports')): { readonly run: Run; readonly markdown: string } {
  const runs = readdirSync(folder)
  expect(runs).toHaveLength(1)
  const read = (name: string): string => readFileSync(join(folder, runs[0] ?? '', name), 'utf8')
  return { run: runSchema.parse(JSON.parse(read('run.json'))), markdown: read('report.md') }
}

describe('a scenario of a user, outside of this repository', () => {
  test('is measured, shown, and written as a Run that keeps to its schema', async () => {
    const { status, stdout, stderr } = await run([...quick, '--json', 'out.json'])
    expect(stderr).toMatch(/^Run: +reports\/\S+\/run\.json\nReport: reports\/\S+\/report\.md$/m)
    expect(status).toBe(0)
    expect(stdout).toContain('Q1 newest of a user')
    expect(stdout + stderr).not.toContain('\u001b')

    const { run: found, markdown } = reported()
    expect(markdown).toContain('newest of a user')
    expect(found).toMatchObject({
      status: 'complete',
      settings: { scale: 0.01, analyses: [{ rounds: 2 }], seed: 1 },
    })
    const json = JSON.parse(readFileSync(join(cwd, 'out.json'), 'utf8')) as unknown
    expect(json).toEqual(found)
    const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true })
    addFormats.default(ajv)
    const isRun = ajv.compile(runJsonSchema())
    expect(isRun(json), ajv.errorsText(isRun.errors)).toBe(true)
    expect(readdirSync(cwd).toSorted()).toEqual(['out.json', 'reports', 'tiny.ts'])
  })

  test('goes to stdout as pure JSON where that is asked for, and to the folder of choice, whatever it does', async () => {
    const odd = "console.log('of the user')\nconsole.info('more')\nprocess.chdir('/')\n"
    writeFileSync(
      join(cwd, 'tiny.ts'),
      odd + tinyScenario.replace('=> [title', "=> console.log('args') ?? [title"),
    )
    const { status, stdout, stderr } = await run([...quick, '--json', '--out', 'kept/here'])
    expect(status).toBe(0)
    expect(runSchema.parse(JSON.parse(stdout))).toEqual(reported(join(cwd, 'kept', 'here')).run)
    expect(stderr).toMatch(/^of the user\nmore\n[^]*^args$/m)
    expect(stderr).not.toContain('\u001b')
    expect(readdirSync(cwd).toSorted()).toEqual(['kept', 'tiny.ts'])
  })

  test('that cannot be written as JSON is saved all the same, and one line says why', async () => {
    const { status, stderr } = await run([...quick, '--json', 'no/out.json'])
    expect(status).toBe(2)
    expect(stderr).toMatch(/^forgebench: no\/out\.json: cannot write the JSON \(ENOENT\)[^\n]*\n$/m)
    expect(stderr).not.toMatch(/^ +at /m)
    expect(reported().run.status).toBe('complete')
  })

  test('draws the same arguments and finds the same answers and counters for the same seed', async () => {
    const evidence = await Promise.all(
      ['7', '7', '8'].map(async (seed, index) => {
        const { stdout } = await run([...quick, '--json', '--out', `out-${index}`, '--seed', seed])
        return runSchema.parse(JSON.parse(stdout)).scenarios[0]?.evidence
      }),
    )
    expect(evidence[0]).toEqual(evidence[1])
    expect(evidence[0]).not.toEqual(evidence[2])
  })
})

describe('an interruption', () => {
  const interruptAt =
    (text: string): NonNullable<StartOptions['onStderr']> =>
    (line, child) => {
      if (line.includes(text)) child.kill('SIGINT')
    }

  test('while timing keeps the finished rounds in a Run that is marked partial', async () => {
    const { status, stderr } = await run(
      ['--scale', '0.01', '--rounds', '100', '--slice-ms', '1', '--max-seconds', '30'],
      {
        onStderr: interruptAt('timing 2/100'),
      },
    )
    expect(status).toBe(130)
    expect(stderr).toMatch(/^forgebench: interrupted$/m)
    expect(stderr).not.toMatch(/^ +at /m)
    const { run: found } = reported()
    expect(found.status).toBe('partial')
    expect(found.scenarios).toMatchObject([{ complete: false }])
    const rounds = found.scenarios[0]?.timings.map((timing) => timing.rounds.map(({ round }) => round))
    expect(rounds).toHaveLength(4)
    for (const each of rounds ?? []) expect(each.slice(0, 2)).toEqual([1, 2])
    expect(leftovers(cache)).toEqual([])
  })

  test('before anything was measured leaves no Run', async () => {
    // Nothing is in this cache, so that staging takes long enough to be interrupted.
    const fresh = join(root, 'fresh-cache')
    const { status, stderr } = await run(quick, {
      env: { FORGEBENCH_CACHE: fresh },
      onStderr: interruptAt('staging databases'),
    })
    expect(status).toBe(130)
    expect(stderr).toMatch(/^forgebench: interrupted$/m)
    expect(readdirSync(cwd)).toEqual(['tiny.ts'])
    expect(leftovers(fresh)).toEqual([])
  })
})

/** Work in progress that a command should have taken away. */
const leftovers = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /building|clones|compact|tmp/.test(name),
  )

describe('a cache folder', () => {
  const failure = /^forgebench: [^\n]+$/m

  test('that is a file is refused in one line', async () => {
    const { status, stderr } = await run(quick, { env: { FORGEBENCH_CACHE: join(cwd, 'tiny.ts') } })
    expect(status).toBe(2)
    expect(stderr).toMatch(
      /^forgebench: tiny: cannot make the cache folder [^\n]+ \(ENOTDIR\); set FORGEBENCH_CACHE/m,
    )
    expect(stderr).not.toMatch(/^ +at /m)
  })

  test('that may not be written to is refused in one line', async () => {
    const closed = join(cwd, 'closed')
    mkdirSync(closed)
    chmodSync(closed, 0o555)
    for (const folder of [root, cwd]) chmodSync(folder, 0o777)
    // Root may write anywhere, so that root's tests run the command as nobody.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {}
    const { status, stderr } = await run(quick, { env: { FORGEBENCH_CACHE: closed }, ...nobody })
    expect([2, 5]).toContain(status)
    expect(stderr).toMatch(failure)
    expect(stderr).not.toMatch(/^ +at /m)
  })

  describe.runIf(mountable())('on a small disk (root only)', () => {
    const disk = join(root, 'disk')
    afterAll(() => unmount(disk))

    /** Kibibytes at which one thing after another no longer fits: seed, stages, statistics, clones. */
    test.each([1000, 4096, 6000, 8500])('of %i KiB that fills up fails in one line', async (kibibytes) => {
      unmount(disk)
      mount(disk, kibibytes)
      const { status, stdout, stderr } = await run(quick, { env: { FORGEBENCH_CACHE: disk } })
      expect(stderr).toMatch(/^forgebench: [^\n]*(\bfull\b|disk I\/O error)[^\n]*$/m)
      expect({ status, stdout }).toEqual({ status: 5, stdout: '' })
      expect(stderr).not.toMatch(/^ +at /m)
      expect(leftovers(disk)).toEqual([])
      expect(readdirSync(cwd)).toEqual(['tiny.ts'])
    })
  })
})

function mount(folder: string, kibibytes: number): void {
  mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder], { stdio: 'ignore' })
}

function unmount(folder: string): void {
  try {
    execFileSync('umount', [folder], { stdio: 'ignore' })
  } catch {
    // It was not mounted.
  }
}

function mountable(): boolean {
  if (process.getuid?.() !== 0) return false
  const trial = join(root, 'trial')
  try {
    mount(trial, 64)
    unmount(trial)
    return true
  } catch {
    return false
  }
}
