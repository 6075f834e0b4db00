import { describe, expect, test } from 'vitest'
import { referenceDatasets } from '../reference/dataset.ts'
import { loadScenario } from './load.ts'
import { withOperations } from './with-operations.ts'

const loaded = await loadScenario('indexes/composite', referenceDatasets)
const budgets = [
  { variant: 'composite', bytes: 5e9, usdPerMonth: 30 },
  { variant: 'better', rowsReadPerMonth: 1e9 },
  { variant: 'composite', operation: 'Q1', usdPerMonth: 1 },
  { variant: 'composite', operation: 'Q2', vmSteps: 100 },
]
const budgeted = { ...loaded, scenario: { ...loaded.scenario, budgets } }

describe('some operations of a scenario', () => {
  test('keep their own budgets and those of files; the bill of a variant is that of all its operations', () => {
    const { scenario } = withOperations(budgeted, ['Q1'])
    expect(scenario.operations.map(({ id }) => id)).toEqual(['Q1'])
    expect(scenario.budgets).toEqual([
      { variant: 'composite', bytes: 5e9 },
      { variant: 'composite', operation: 'Q1', usdPerMonth: 1 },
    ])
  })

  test('that are all of them keep every budget', () => {
    const all = loaded.scenario.operations.map(({ id }) => id)
    expect(withOperations(budgeted, all).scenario.budgets).toEqual(budgets)
  })
})
