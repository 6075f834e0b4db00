import { describe, expect, test } from 'vitest'
import { sampleCost, withCost } from '../../fixtures/runs/sample-cost.ts'
import { sampleRun } from '../../fixtures/runs/sample-run.ts'
import { femtoUsd } from '../cost/money.ts'
import { variantCost, variantCosts } from './monthly-cost.ts'
import { parseRun } from './read.ts'
import type { Run, ScenarioRun } from './run.ts'
import { serializeRun } from './serialize.ts'

const run = sampleRun()
const [sample] = run.scenarios
if (sample === undefined) throw new Error('the sample has a scenario')
const scenario: ScenarioRun = {
  ...withCost(sample),
  variants: sample.variants.map((each) => ({ ...each, fileBytes: 2e9 })),
}

describe('variantCost', () => {
  test('takes rows of a call times calls, transactions of a write as a whole, and the bytes of the file', () => {
    const baseline = variantCost(scenario, 'baseline')
    // 400 rows × 3M calls of Q1, and 50 statements × 20,000 transactions that read 1 row and write 2.
    expect(baseline?.usage).toEqual({
      rowsRead: 1_201_000_000n,
      rowsWritten: 2_000_000n,
      bytes: 2_000_000_000n,
    })
    expect(baseline?.marginal).toBe(femtoUsd(1.201) + femtoUsd(2) + femtoUsd(1.5))
    expect(baseline?.bills.map(({ plan, bill }) => [plan, bill])).toEqual([
      ['Free', femtoUsd(0.701)],
      ['Developer', femtoUsd(4.99)],
      ['Scaler', femtoUsd(24.92)],
      ['Pro', femtoUsd(416.58)],
    ])
  })

  test('says the rows of a call with the spread over arguments, and of a transaction', () => {
    const [q1, , insert] = variantCost(scenario, 'baseline')?.operations ?? []
    expect(q1?.perCall).toEqual({
      rowsRead: 400,
      rowsWritten: 0,
      range: { least: 200, most: 600 },
      serverMs: 0.25,
    })
    expect(insert?.perCall).toEqual({ rowsRead: 50, rowsWritten: 100, range: null, serverMs: 12.5 })
  })

  test('leaves out of the bill what has no calls, and says so', () => {
    expect(variantCost(scenario, 'baseline')?.withoutCalls).toEqual(['Q2'])
    expect(variantCost(scenario, 'baseline')?.operations[1]?.month).toBeUndefined()
  })

  test('has nothing to say of variants whose rows were not counted, or where nobody asked', () => {
    expect(variantCosts(scenario).map(({ variant }) => variant)).toEqual([
      'baseline',
      'composite',
      'composite-client',
    ])
    expect(variantCost(scenario, 'baseline:no-stats')).toBeUndefined()
    expect(variantCosts(sample)).toEqual([])
  })
})

describe('a Run with a bill', () => {
  const whole: Run = { ...run, scenarios: [scenario] }

  test('is read back with everything that the bill is made of', () => {
    const again = parseRun(serializeRun(whole), 'run.json') as Run
    const [read] = again.scenarios
    expect(read && variantCosts(read)).toEqual(variantCosts(scenario))
  })

  test.each(['Pro', 'Team'])('whose plan %s has no prices in its table is refused as damaged', (plan) => {
    const damaged = { ...whole, scenarios: [{ ...scenario, cost: { ...sampleCost, plan } }] }
    expect(() => parseRun(serializeRun(damaged), 'run.json')).toThrow(/run\.json: not a valid Run .*plan/)
  })
})
