import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadScenario } from '../scenario/load.ts'
import { withConfigBudgets } from './scenario-budgets.ts'
import { referenceDatasets } from '../reference/dataset.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-budgets-'))
})
afterEach(() => rm(folder, { recursive: true }))

const id = 'indexes/composite'
const budgetsWith = async (budgets: unknown): Promise<unknown> => {
  const config = { gate: { budgets } }
  await writeFile(join(folder, 'forgebench.config.ts'), `export default ${JSON.stringify(config)}`)
  return withConfigBudgets(await loadScenario(id, referenceDatasets), folder).then(
    ({ scenario }) => scenario.budgets,
    (error: unknown) => (error as Error).message,
  )
}

describe('withConfigBudgets', () => {
  test('adds to the budgets of the scenario, and counts where both limit the same', async () => {
    const found = await budgetsWith({
      [id]: [
        { variant: 'composite', operation: 'Q1', vmSteps: 900, p95Us: 500 },
        { variant: 'composite', bytes: 9e7 },
      ],
      'another/scenario': [{ variant: 'anything', bytes: 5 }],
    })
    expect(found).toContainEqual({
      variant: 'composite',
      operation: 'Q1',
      vmSteps: 900,
      p95Us: 500,
      plan: ['uses idx_prompts_user_status_created', 'no temp b-tree'],
    })
    expect(found).toContainEqual({ variant: 'composite', bytes: 9e7 })
    expect(found).toContainEqual(expect.objectContaining({ variant: 'better', operation: 'Q2' }))
  })

  test('takes the name of another scenario file of the project for no slip of this one', async () => {
    await writeFile(join(folder, 'compsite.ts'), 'export default {}')
    const path = join(folder, 'composite.ts')
    const loaded = { ...(await loadScenario(id, referenceDatasets)), id: 'composite', path }
    const config = { gate: { budgets: { compsite: [{ variant: 'anything', bytes: 5 }] } } }
    await writeFile(join(folder, 'forgebench.config.ts'), `export default ${JSON.stringify(config)}`)
    expect(await withConfigBudgets(loaded, folder)).toBe(loaded)
  })

  test('leaves a scenario without a configuration as it is', async () => {
    const loaded = await loadScenario(id, referenceDatasets)
    expect(await withConfigBudgets(loaded, folder)).toBe(loaded)
  })

  test.each([
    [
      { [id]: [{ variant: 'compsite', bytes: 5 }] },
      "forgebench.config.ts: gate.budgets['indexes/composite'][0].variant: no variant compsite; did you mean composite?",
    ],
    [
      { [id]: [{ variant: 'composite', operation: 'q1', vmSteps: 5 }] },
      "forgebench.config.ts: gate.budgets['indexes/composite'][0].operation: no operation q1; did you mean Q1?",
    ],
    [
      { 'indexes/compsite': [{ variant: 'composite', bytes: 5 }] },
      "forgebench.config.ts: gate.budgets['indexes/compsite']: no scenario indexes/compsite; did you mean indexes/composite?",
    ],
  ])('%j is one line', async (budgets, line) => {
    expect(await budgetsWith(budgets)).toBe(line)
  })
})
