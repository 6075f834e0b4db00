import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sharedCache } from '../../../fixtures/cache/shared-cache.ts'
import { buildOnce, type Ended } from '../../../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../../../fixtures/cli/in-process.ts'
import { tinyScenario } from '../../../fixtures/cli/tiny-scenario.ts'
import { sampleLoadRun } from '../../../fixtures/runs/sample-load-run.ts'
import { parseRun } from '../../run/read.ts'
import type { Run } from '../../run/run.ts'
import { serializeRun } from '../../run/serialize.ts'

const root = mkdtempSync(join(tmpdir(), 'forgebench-counters-'))
const made = join(root, 'made')
let cwd = ''

const gate = (args: readonly string[], where = cwd): Promise<Ended> =>
  forgebenchHere(['gate', ...args], { cwd: where, env: { FORGEBENCH_CACHE: sharedCache } })
const baselinePath = (): string => join(cwd, 'reports', 'baseline.json')
const baseline = (): Run => parseRun(readFileSync(baselinePath(), 'utf8'), 'baseline') as Run
const scenario = (change: (text: string) => string): void =>
  writeFileSync(join(cwd, 'tiny.ts'), change(tinyScenario))

/** The Run that a gate saved, named from where the gate ran. */
function savedRun(): string {
  const folders = readdirSync(join(cwd, 'reports')).filter((name) => name !== 'baseline.json')
  expect(folders).toHaveLength(1)
  return join('reports', folders[0] ?? '', 'run.json')
}

/** Changes the stored baseline as if it had been saved in another world. */
function rewrite(change: (run: Run) => unknown): void {
  writeFileSync(baselinePath(), JSON.stringify(change(baseline())))
}

/** Refused in one line, nothing on stdout. */
function refused({ status, stdout, stderr }: Ended, message: RegExp): void {
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  const lines = stderr.split('\n').filter((line) => !/^(\d+:\d\d {2}|Run: )/.test(line) && line !== '')
  expect(lines).toEqual([expect.stringMatching(/^forgebench: /)])
  expect(lines[0]).toMatch(message)
}

beforeAll(async () => {
  await buildOnce()
  const user = mkdtempSync(join(root, 'first-'))
  writeFileSync(join(user, 'tiny.ts'), tinyScenario)
  const { status, stderr } = await gate(['save', './tiny.ts', '--scale', '0.05'], user)
  expect({ status, stderr }).toMatchObject({ status: 0 })
  cpSync(user, made, { recursive: true })
})
beforeEach(() => {
  cwd = join(root, `user-${Math.random().toString(36).slice(2)}`)
  cpSync(made, cwd, { recursive: true })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('a baseline', () => {
  test('is a Run without timings, of the scale asked for, in which every counter repeated', () => {
    const { settings, scenarios, status } = baseline()
    expect({ settings, status }).toMatchObject({
      settings: { scale: 0.05, seed: 1, analyses: [] },
      status: 'complete',
    })
    expect(scenarios.map(({ id, timings }) => [id, timings])).toEqual([['tiny', []]])
    expect(scenarios[0]?.evidence.map(({ unsteady }) => unsteady)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  test('that says the same already is left as it is, with its own scale', async () => {
    const before = readFileSync(baselinePath(), 'utf8')
    const { status, stdout } = await gate(['save', './tiny.ts'])
    expect(stdout).toMatch(
      /^Baseline: reports\/baseline\.json says so already, nothing changed \(tiny; scale 0\.05/,
    )
    expect({ status, text: readFileSync(baselinePath(), 'utf8') }).toEqual({ status: 0, text: before })
  })

  test('is not written when a scenario cannot be believed, and no other file is overwritten', async () => {
    const before = readFileSync(baselinePath(), 'utf8')
    scenario((text) => text.replace('max: 20', 'max: 1'))
    expect(await gate(['save', './tiny.ts'])).toMatchObject({ status: 4, stdout: '' })
    expect(readFileSync(baselinePath(), 'utf8')).toBe(before)
    writeFileSync(join(cwd, 'package.json'), '{"name":"mine"}')
    refused(
      await gate(['save', './tiny.ts', '--baseline', 'package.json']),
      /holds something else .* remove it/,
    )
    expect(readFileSync(join(cwd, 'package.json'), 'utf8')).toBe('{"name":"mine"}')
  })

  test('names counters that do not repeat, which are then not judged', async () => {
    // Half of the rows, by chance: another number of steps and of rows every time.
    scenario((text) =>
      text
        .replace("id: 'rename'", "id: 'chance'")
        .replace(
          'WHERE id = ?',
          'WHERE (SELECT count(*) FROM generate_series(1, 1 + abs(random() % 1000))) > 0 AND id = ?',
        ),
    )
    const { status, stdout } = await gate([
      'save',
      './tiny.ts',
      '--baseline',
      'chance.json',
      '--scale',
      '0.05',
    ])
    expect(status).toBe(0)
    expect(stdout).toMatch(
      /^did not repeat, and will not be judged exactly: tiny\/chance on baseline: .*vmSteps/m,
    )
    const judged = await gate(['counters', './tiny.ts', '--baseline', 'chance.json'])
    expect(judged.stdout).toMatch(/cannot be judged exactly: vmSteps/)
    expect(judged.status).toBe(0)
  })
})

describe('counters against the baseline', () => {
  test('pass when nothing changed; the Run says the same offline', async () => {
    const measured = await gate(['counters', './tiny.ts'])
    expect(measured).toMatchObject({ status: 0, stdout: expect.stringMatching(/^PASS: /m) })
    const offline = await gate(['judge', savedRun(), '--baseline', 'reports/baseline.json'])
    expect(offline).toEqual({ status: 0, stdout: measured.stdout, stderr: '' })
  })

  test('fail when an index is gone, name both plans, and fail offline in the same words', async () => {
    scenario((text) => text.replace("migrations: ['composite-indexes']", 'migrations: []'))
    const measured = await gate(['counters', './tiny.ts'])
    expect(measured.status).toBe(1)
    expect(measured.stdout).toMatch(/^FAIL: /m)
    expect(measured.stdout.replaceAll('\n', ' ')).toMatch(
      /plan changed: SEARCH prompts USING idx_prompts_user_status_created [^→]*→ SEARCH prompts USING /,
    )
    expect(measured.stdout).toMatch(/lost: index idx_/)
    const offline = await gate(['judge', savedRun(), '--baseline', 'reports/baseline.json'])
    expect(offline).toEqual({ status: 1, stdout: measured.stdout, stderr: '' })
  })

  test('improve when an index is new for the baseline variant, as far as its plan is the same', async () => {
    rewrite((run) => ({
      ...run,
      scenarios: run.scenarios.map((each) => ({
        ...each,
        evidence: each.evidence.map((found) => ({
          ...found,
          counters: { ...found.counters, vmSteps: (found.counters.vmSteps ?? 0) + 1 },
        })),
      })),
    }))
    const { status, stdout } = await gate(['counters', './tiny.ts'])
    expect(stdout).toMatch(/^IMPROVED: .*save the baseline again/ms)
    expect(status).toBe(0)
  })

  test('of one variant are judged with --variant', async () => {
    const { status, stdout } = await gate(['counters', './tiny.ts', '--variant', 'composite'])
    expect(status).toBe(0)
    expect(stdout).not.toMatch(/\(baseline\)/)
    refused(
      await gate(['counters', './tiny.ts', '--variant', 'compsite']),
      /tiny has no variant compsite; it has baseline, composite/,
    )
  })
})

describe('Runs that are not alike', () => {
  test('are refused with every difference and its fix; forced, a note names them', async () => {
    rewrite((run) => ({
      ...run,
      environment: { ...run.environment, engine: { ...run.environment.engine, sqlite: '3.40.0' } },
    }))
    const args = ['counters', './tiny.ts']
    refused(await gate(args), /SQLite: [\d.]+ against 3\.40\.0 \(save the baseline again .*--force$/)
    const { status, stdout } = await gate([...args, '--force'])
    expect(stdout).toMatch(/judged by force, though not alike: SQLite/)
    expect(status).toBe(0)
  })

  test('because the statement is another are refused', async () => {
    scenario((text) => text.replace('LIMIT 20', 'LIMIT 19').replace('max: 20', 'max: 19'))
    refused(await gate(['counters', './tiny.ts']), /tiny: statement of Q1 differs/)
  })

  test('because the arguments are others are refused', async () => {
    scenario((text) =>
      text.replace(
        "columns: ['user_id', 'status'] }",
        `columns: ['user_id', 'status'], where: "status = 'draft'" }`,
      ),
    )
    refused(await gate(['counters', './tiny.ts']), /tiny: arguments of Q1 differs/)
  })
})

describe('stored Runs', () => {
  test('of several kinds have no verdict together, unless forced; alike ones have one', async () => {
    const load = (name: string): void => writeFileSync(join(cwd, name), serializeRun(sampleLoadRun()))
    load('one.json')
    load('two.json')
    refused(await gate(['judge', 'one.json', 'reports/baseline.json']), /kind of Run: scenarios against load/)
    const one = await gate(['judge', 'one.json'])
    const both = await gate(['judge', 'one.json', 'two.json'])
    expect(both.status).toBe(one.status)
  })

  test.each<[string, readonly string[], RegExp]>([
    [
      'with nothing to judge',
      ['judge', 'reports/baseline.json'],
      /nothing in this Run asks for a verdict; give/,
    ],
    ['that are not there', ['judge', 'absent.json'], /absent\.json: cannot be read/],
    ['cut off', ['judge', 'cut.json'], /cut\.json: not JSON, or cut off/],
    ['of a newer version', ['judge', 'newer.json'], /newer\.json: a Run of format version 99/],
    [
      'of the wrong kind',
      ['judge', 'load.json', '--baseline', 'reports/baseline.json'],
      /leave out --baseline/,
    ],
    [
      'as a baseline that is no baseline',
      ['judge', 'newer.json', '--baseline', 'load.json'],
      /of the kind load/,
    ],
  ])('%s are refused in one line', async (_, args, message) => {
    const text = readFileSync(baselinePath(), 'utf8')
    writeFileSync(join(cwd, 'cut.json'), text.slice(0, text.length / 2))
    writeFileSync(join(cwd, 'newer.json'), text.replace('"version": 3', '"version": 99'))
    writeFileSync(join(cwd, 'load.json'), serializeRun(sampleLoadRun()))
    refused(await gate(args), message)
  })
})

describe('a gate on counters that cannot be', () => {
  test('for want of a baseline says how to make one', async () => {
    rmSync(baselinePath())
    refused(await gate(['counters']), /there is no baseline; make one with forgebench gate save$/)
    expect(existsSync(baselinePath())).toBe(false)
  })

  test('because a scenario of the user is named by its id alone says to name its file', async () => {
    refused(await gate(['counters']), /has the scenario tiny, which is none of ours: name its file/)
  })
})
