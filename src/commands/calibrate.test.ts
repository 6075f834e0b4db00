import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sharedCache } from '../../fixtures/cache/shared-cache.ts'
import { buildOnce, type Ended } from '../../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../../fixtures/cli/in-process.ts'
import { tinyScenario } from '../../fixtures/cli/tiny-scenario.ts'

const root = mkdtempSync(join(tmpdir(), 'forgebench-calibrate-'))
const data = ['--scale', '0.05', '--operation-ms', '20']
let cwd = ''

const run = (...args: readonly string[]): Promise<Ended> =>
  forgebenchHere(args, { cwd, env: { FORGEBENCH_CACHE: sharedCache } })
const pasted = (snippet: string): string => tinyScenario.replace(/\}\)\n$/, () => `${snippet}})\n`)

beforeAll(buildOnce)
beforeEach(() => {
  cwd = mkdtempSync(join(root, 'user-'))
  writeFileSync(join(cwd, 'tiny.ts'), tinyScenario)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('calibrate', () => {
  test('suggests budgets that the scenario keeps when they are pasted into it', async () => {
    const found = await run('calibrate', './tiny.ts', ...data, '--rounds', '7', '--headroom', '1000')
    expect(found.status).toBe(0)
    expect(found.stdout).toContain('Times belong to this machine')
    expect(found.stdout).toMatch(
      /^ {2}\{ variant: 'composite', operation: 'Q1', p95Us: \d+, vmSteps: [\d.]+, fullScanSteps: 0, plan: \['uses idx_prompts_user_status_created', 'no temp b-tree'\] \}, \/\/ p95 .+s, upper bound .+, × 1,000 /m,
    )
    expect(found.stdout).toMatch(/operation: 'rename', p95Us: \d+, .*walBytes: [\d.]+/)
    expect(found.stdout).toMatch(/^ {2}\{ variant: 'baseline', bytes: \d+ \},$/m)
    writeFileSync(join(cwd, 'tiny.ts'), pasted(found.stdout))
    const gate = await run('gate', 'budgets', './tiny.ts', ...data)
    expect(gate.stdout).toMatch(/^PASS: /m)
    expect(gate.status).toBe(0)
  })

  test('leaves time out with --rounds 0; its counters fail when the index is gone', async () => {
    const wanted = ['--variant', 'composite', '--operations', 'Q1', '--rounds', '0']
    const { status, stdout } = await run('calibrate', './tiny.ts', ...data, ...wanted, '--json')
    expect(status).toBe(0)
    const { budgets } = JSON.parse(stdout) as { readonly budgets: readonly object[] }
    expect(budgets).toEqual([
      {
        variant: 'composite',
        operation: 'Q1',
        vmSteps: expect.any(Number) as number,
        fullScanSteps: 0,
        plan: ['uses idx_prompts_user_status_created', 'no temp b-tree'],
      },
      { variant: 'composite', bytes: expect.any(Number) as number },
    ])
    const held = pasted(`  budgets: ${JSON.stringify(budgets)},\n`)
    writeFileSync(join(cwd, 'tiny.ts'), held)
    expect((await run('gate', 'budgets', './tiny.ts', ...data)).status).toBe(0)
    writeFileSync(join(cwd, 'tiny.ts'), held.replace("migrations: ['composite-indexes']", 'migrations: []'))
    const lost = await run('gate', 'budgets', './tiny.ts', ...data)
    expect(lost.status).toBe(1)
    expect(lost.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'plan does not keep «uses idx_prompts_user_status_created», «no temp b-tree»: SEARCH prompts USING',
    )
  })

  test.each([
    [
      ['./tiny.ts', '--variant', 'compsite'],
      /no such variant; did you mean composite\? It has baseline, composite$/,
    ],
    [['./tiny.ts', '--operations', 'Q9'], /no operation Q9; it has Q1, rename$/],
    [
      ['./tiny.ts', '--rounds', '6'],
      /--rounds 6: bounds need 7 rounds or more; 0 leaves budgets on time out$/,
    ],
    [['./tiny.ts', '--headroom', '0.5'], /it must be a number from 1 to 1000$/],
    [[], /missing required argument 'scenario'$/],
  ])('refuses %j in one line', async (args, message) => {
    const { status, stdout, stderr } = await run('calibrate', ...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^forgebench: [^\n]+\n$/)
    expect(stderr.trimEnd()).toMatch(message)
  })
})

describe('a gate on budgets', () => {
  const budgeted = (budgets: string): void => writeFileSync(join(cwd, 'tiny.ts'), pasted(budgets))

  test('saves its Run, and says the same from the file', async () => {
    budgeted("budgets: [{ variant: 'composite', operation: 'Q1', plan: ['uses idx_absent'] }],")
    const { status, stdout, stderr } = await run('gate', 'budgets', './tiny.ts', ...data)
    expect(status).toBe(1)
    const path = /^Run: (.+)$/m.exec(stderr)?.[1] ?? ''
    const stored = await run('gate', 'judge', path)
    expect(stored.status).toBe(1)
    expect(stored.stdout.split('\n').slice(3)).toEqual(stdout.split('\n').slice(3))
    expect(readFileSync(join(cwd, path), 'utf8')).toContain('"plan": ["uses idx_absent"]')
  })

  test('holds the candidate of a relative gate to the budgets of its variant', async () => {
    budgeted("budgets: [{ variant: 'baseline', bytes: 1 }, { variant: 'composite', bytes: 1e9 }],")
    // One second: the verdict on time is not what is asked here.
    const sides = ['--baseline', 'variant:composite', '--operations', 'Q1', '--max-seconds', '1']
    const { status, stdout } = await run(
      'gate',
      'compare',
      './tiny.ts',
      ...data,
      ...sides,
      '--candidate',
      'variant:composite',
    )
    expect(stdout).toContain('tiny bytes (variant:composite)')
    expect(stdout).not.toContain('tiny bytes (variant:baseline)')
    expect([0, 3]).toContain(status)
  })

  test.each([
    [
      '',
      [],
      /^forgebench: tiny has no budgets: write them .*forgebench calibrate \.\/tiny\.ts suggests some/,
    ],
    [
      "budgets: [{ variant: 'composite', operation: 'Q1', vmSteps: 900 }],",
      ['--operations', 'rename'],
      /^forgebench: tiny has no budgets of rename: /,
    ],
    [
      "budgets: [{ variant: 'composite', operation: 'Q1', vmStep: 900 }],",
      [],
      /tiny\.ts: budgets\[0\]\.vmStep: unknown field; did you mean vmSteps\?$/,
    ],
    [
      "budgets: [{ variant: 'composit', bytes: 900 }],",
      [],
      /tiny\.ts: budgets\[0\]\.variant: no variant composit; did you mean composite\?$/,
    ],
  ])('with %j %j is refused in one line', async (budgets, args, message) => {
    budgeted(budgets)
    const { status, stdout, stderr } = await run('gate', 'budgets', './tiny.ts', ...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^forgebench: [^\n]+\n$/)
    expect(stderr.trimEnd()).toMatch(message)
  })

  test('tells a mistake in the configuration before anything is measured', async () => {
    const config = "export default { gate: { budgets: { tiny: [{ variant: 'composite', bytes: -1 }] } } }\n"
    writeFileSync(join(cwd, 'forgebench.config.ts'), config)
    const { status, stderr } = await run('gate', 'budgets', './tiny.ts')
    expect(status).toBe(2)
    expect(stderr).toBe('forgebench: forgebench.config.ts: gate.budgets.tiny[0].bytes: must be above 0\n')
  })
})

describe('a stored load', () => {
  test('is held to the thresholds of the configuration too', async () => {
    const { sampleLoadRun } = await import('../../fixtures/runs/sample-load-run.ts')
    writeFileSync(join(cwd, 'load.json'), JSON.stringify(sampleLoadRun()))
    expect((await run('gate', 'judge', 'load.json')).status).toBe(0)
    const strict = "export default { gate: { thresholds: { http_req_duration: ['p(95)<0.001'] } } }\n"
    writeFileSync(join(cwd, 'forgebench.config.ts'), strict)
    const { status, stdout } = await run('gate', 'judge', 'load.json')
    expect(status).toBe(1)
    expect(stdout).toMatch(/FAIL: .*http_req_duration p\(95\)<0\.001: measured [\d.]+ ms/)
  })
})
