import { describe, expect, test } from 'vitest'
import { sampleRun } from '../../../fixtures/runs/sample-run.ts'
import type { ScenarioRun } from '../../run/run.ts'
import { judgeBudgets } from './budgets.ts'
import { suggestBudgets } from './suggest-budgets.ts'

const [sample] = sampleRun().scenarios
if (sample === undefined) throw new Error('the sample has a scenario')
const found = suggestBudgets(sample, 1.5)
const ofQ1 = (scenario: ScenarioRun, least = 1.5) =>
  suggestBudgets(scenario, least).find(
    ({ budget }) => budget.variant === 'composite' && budget.operation === 'Q1',
  )

describe('suggested budgets', () => {
  test('are kept by the Run that they come from', () => {
    const budgets = found.map(({ budget }) => budget)
    const words = new Set(judgeBudgets({ ...sample, budgets }).map(({ status }) => status))
    expect([...words]).toEqual(['pass'])
    expect(budgets.length).toBe(sample.evidence.length + sample.variants.length)
  })

  test('have a headroom of three spreads over the upper bound, and of what was asked for at least', () => {
    const { time, budget } = ofQ1(sample) ?? {}
    expect(time?.headroom).toBe(Math.max(1.5, Math.exp(3 * (time?.spread ?? NaN))))
    const limitNs = (time?.highNs ?? NaN) * (time?.headroom ?? NaN)
    expect((budget?.p95Us ?? NaN) * 1000).toBeGreaterThanOrEqual(limitNs)
    expect((budget?.p95Us ?? NaN) * 1000).toBeLessThan(limitNs * 1.01)
    expect(ofQ1(sample, 40)?.time?.headroom).toBe(40)
  })

  test('leave time out where there is none, or no bound', () => {
    expect(ofQ1({ ...sample, timings: [] })).toMatchObject({ time: null })
    expect(ofQ1({ ...sample, timings: [] })?.budget).not.toHaveProperty('p95Us')
    const [few] = sampleRun({ rounds: 6 }).scenarios
    expect(few === undefined ? undefined : ofQ1(few)?.time).toBeNull()
  })

  test('name the indexes of a plan, but no index that the engine named, and no sort where there is one', () => {
    const lines = [
      'SEARCH p USING INDEX sqlite_autoindex_p_1 (id=?)',
      'SEARCH e USING COVERING INDEX idx_e (a=?)',
    ]
    const planned = (tempBTree: boolean): ScenarioRun => ({
      ...sample,
      evidence: sample.evidence.map((each) => ({ ...each, plan: { ...each.plan, lines, tempBTree } })),
    })
    expect(ofQ1(planned(false))?.budget.plan).toEqual(['uses idx_e', 'no temp b-tree'])
    expect(ofQ1(planned(true))?.budget.plan).toEqual(['uses idx_e'])
  })
})
