import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { budgetSchema, mergedBudgets } from './budget.ts'
import { budgetMistakes, type BudgetNames } from './budget-rules.ts'
import { shapeMistakes } from './mistake.ts'

const names: BudgetNames = {
  variants: [
    { id: 'baseline', analyzedTwin: null },
    { id: 'composite', analyzedTwin: null },
    { id: 'composite:no-stats', analyzedTwin: 'composite' },
  ],
  operations: [
    { id: 'Q1', kind: 'read' },
    { id: 'insert-results', kind: 'write' },
  ],
}
const mistakes = (budgets: unknown): readonly string[] =>
  [
    ...shapeMistakes(z.array(budgetSchema).optional(), budgets, 'budgets'),
    ...budgetMistakes(budgets, 'budgets', names),
  ].map(({ place, what }) => `${place}: ${what}`)
const onQ1 = { variant: 'composite', operation: 'Q1' }

describe('budgetMistakes', () => {
  test('finds nothing wrong with budgets of every kind', () => {
    expect(
      mistakes([
        { ...onQ1, p95Us: 500, opsPerSec: 1000, rowsRead: 20, vmSteps: 400.5, fullScanSteps: 0 },
        { ...onQ1, variant: 'composite:no-stats', plan: ['no temp b-tree', 'no full scan', 'uses idx_a'] },
        { variant: 'composite', operation: 'insert-results', walBytes: 3000 },
        { variant: 'composite', bytes: 12e6, usdPerMonth: 30 },
        { variant: 'composite', operation: 'insert-results', rowsWrittenPerMonth: 1e6, usdPerMonth: 1.5 },
      ]),
    ).toEqual([])
    expect(mistakes(undefined)).toEqual([])
  })

  test.each([
    [{ ...onQ1, vmstep: 5 }, 'budgets[0].vmstep: unknown field; did you mean vmSteps?'],
    [{ ...onQ1, operation: 'Q', vmSteps: 5 }, 'budgets[0].operation: no operation Q; did you mean Q1?'],
    [
      { ...onQ1, variant: 'compsite', vmSteps: 5 },
      'budgets[0].variant: no variant compsite; did you mean composite?',
    ],
    [{ operation: 'Q1', vmSteps: 5 }, 'budgets[0].variant: is missing'],
    [{ ...onQ1, p95Us: 0 }, 'budgets[0].p95Us: must be above 0'],
    [{ ...onQ1, p95Us: -1 }, 'budgets[0].p95Us: must be above 0'],
    [{ ...onQ1, fullScanSteps: -1 }, 'budgets[0].fullScanSteps: must be 0 or more'],
    [{ ...onQ1, vmSteps: '5' }, 'budgets[0].vmSteps: must be number, not string'],
    [{ ...onQ1, vmSteps: Infinity }, 'budgets[0].vmSteps: must be number, not Infinity'],
    [
      onQ1,
      'budgets[0]: limits nothing; give it one of p95Us, opsPerSec, rowsRead, rowsReadPerMonth, rowsWrittenPerMonth, usdPerMonth, vmSteps, fullScanSteps, walBytes, bytes, plan',
    ],
    [
      { ...onQ1, bytes: 5 },
      'budgets[0].bytes: is of a whole file; put it into a budget without an operation',
    ],
    [
      { variant: 'composite', vmSteps: 5, p95Us: 3 },
      'budgets[0].operation: is missing, and p95Us, vmSteps is of an operation',
    ],
    [{ ...onQ1, walBytes: 5 }, 'budgets[0].walBytes: is the cost of a write, but Q1 reads'],
    [
      { ...onQ1, operation: 'insert-results', rowsRead: 5 },
      'budgets[0].rowsRead: is counted for reads, but insert-results writes',
    ],
    [
      { variant: 'composite:no-stats', operation: 'insert-results', walBytes: 5 },
      'budgets[0].variant: writes are measured with statistics alone; write composite',
    ],
    [
      { ...onQ1, plan: ['no tmp b-tree'] },
      "budgets[0].plan[0]: no fact «no tmp b-tree»; did you mean 'no temp b-tree'? It is one of 'no temp b-tree', 'no full scan' or 'uses <index>'",
    ],
    [
      { ...onQ1, plan: ['use idx'] },
      "budgets[0].plan[0]: no fact «use idx»; did you mean 'uses <index>'? It is one of 'no temp b-tree', 'no full scan' or 'uses <index>'",
    ],
    [{ ...onQ1, plan: [] }, 'budgets[0].plan: must not be empty; leave it out for none'],
    ['composite', 'budgets[0]: must be object, not string'],
  ])('%j is one line', (budget, line) => {
    expect(mistakes([budget])).toEqual([line])
  })

  test('tells a limit that stands twice, and does not mind two limits of one operation', () => {
    const budgets = [
      { ...onQ1, vmSteps: 5 },
      { ...onQ1, p95Us: 5 },
      { ...onQ1, vmSteps: 6 },
    ]
    expect(mistakes(budgets)).toEqual(['budgets[2].vmSteps: is limited by budgets[0] already'])
  })

  test('tells what is no list', () => {
    expect(mistakes({ ...onQ1, vmSteps: 5 })).toEqual(['budgets: must be array, not object'])
  })
})

describe('mergedBudgets', () => {
  test('has one entry for an operation; the later limit counts and facts add up', () => {
    expect(
      mergedBudgets([
        { ...onQ1, vmSteps: 5, p95Us: 7, plan: ['no temp b-tree'] },
        { variant: 'composite', bytes: 9 },
        { ...onQ1, p95Us: 70, plan: ['uses idx_a', 'no temp b-tree'] },
      ]),
    ).toEqual([
      { ...onQ1, vmSteps: 5, p95Us: 70, plan: ['no temp b-tree', 'uses idx_a'] },
      { variant: 'composite', bytes: 9 },
    ])
  })
})
