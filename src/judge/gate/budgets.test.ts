import { describe, expect, test } from 'vitest'
import { sampleRun } from '../../../fixtures/runs/sample-run.ts'
import { randomSequence } from '../../random/random.ts'
import type { BudgetRun, Evidence, Run, ScenarioRun, Timing } from '../../run/run.ts'
import { roundsForBudgets } from '../../stats/budget-alpha.ts'
import { encodeSamples } from '../../stats/encoded-samples.ts'
import type { PlanFact } from '../../scenario/budget.ts'
import { judgeBudgets } from './budgets.ts'
import { judgeRun } from '../judge-run.ts'

const [sample] = sampleRun().scenarios
if (sample === undefined) throw new Error('the sample has a scenario')
const onQ1 = { variant: 'composite', operation: 'Q1' }

/** Rounds of one slice whose calls all take `levels` microseconds, with `samples` each. */
const roundsOf = (levels: readonly number[], samples = 400): Timing['rounds'] =>
  levels.map((us, index) => ({
    round: index + 1,
    slices: [
      {
        block: 0,
        order: 0,
        firstNs: null,
        samplesNs: encodeSamples(new Float64Array(samples).fill(us * 1000)),
      },
    ],
  }))

function withRounds(rounds: Timing['rounds']): ScenarioRun {
  const [timing] = sample?.timings ?? []
  if (timing === undefined || sample === undefined) throw new Error('the sample has timings')
  return { ...sample, timings: [{ ...timing, ...onQ1, rounds }] }
}

function withEvidence(change: Partial<Evidence>, counters: Partial<Evidence['counters']> = {}): ScenarioRun {
  const [evidence] = sample?.evidence ?? []
  if (evidence === undefined || sample === undefined) throw new Error('the sample has evidence')
  const changed = { ...evidence, ...onQ1, rows: 20, executions: 10, ...change }
  return { ...sample, evidence: [{ ...changed, counters: { ...evidence.counters, ...counters } }] }
}

const judge = (scenario: ScenarioRun, ...budgets: readonly BudgetRun[]) =>
  judgeBudgets({ ...scenario, budgets: [...budgets] })
const words = (scenario: ScenarioRun, ...budgets: readonly BudgetRun[]) =>
  judge(scenario, ...budgets).map(({ status }) => status)

describe('a budget on time', () => {
  const levels = [100, 104, 98, 101, 97, 103, 99, 102]

  test('passes when the upper bound keeps it, and fails when the lower bound breaks it', () => {
    const [pass] = judge(withRounds(roundsOf(levels)), { ...onQ1, p95Us: 200 })
    expect(pass).toMatchObject({ kind: 'budget', metric: 'p95Us', status: 'pass', rounds: 8, samples: 3200 })
    expect(pass?.reason).toMatch(/^p95Us 100 µs, upper bound 103 µs \(error ≤ 1 %\), limit 200 µs$/)
    const [fail] = judge(withRounds(roundsOf(levels)), { ...onQ1, p95Us: 90 })
    expect(fail?.reason).toMatch(/^p95Us 100 µs, lower bound 97\.5 µs \(error ≤ 1 %\), limit 90\.0 µs$/)
    expect(fail).toMatchObject({ status: 'fail', limit: '≤ 90.0 µs', variant: 'composite', operation: 'Q1' })
  })

  test('is inconclusive when the limit lies between the bounds, whatever the point says', () => {
    for (const p95Us of [98, 102]) {
      expect(words(withRounds(roundsOf(levels)), { ...onQ1, p95Us })).toEqual(['inconclusive'])
    }
  })

  test('looks the other way for operations a second', () => {
    const scenario = withRounds(roundsOf(levels))
    expect(words(scenario, { ...onQ1, opsPerSec: 5000 })).toEqual(['pass'])
    expect(words(scenario, { ...onQ1, opsPerSec: 20_000 })).toEqual(['fail'])
    expect(words(scenario, { ...onQ1, opsPerSec: 10_000 })).toEqual(['inconclusive'])
  })

  test.each([
    ['six rounds', roundsOf(levels.slice(0, 6)), /6 rounds have no bounds at 1 %, which need 7/],
    [
      'rounds of few samples',
      roundsOf(levels, 300),
      /round 1 has 300 samples, and a 95th percentile needs 400/,
    ],
    ['no rounds', roundsOf([]), /was not timed in this Run/],
  ])('is invalid on %s, never green', (_, rounds, reason) => {
    const [found] = judge(withRounds(rounds), { ...onQ1, p95Us: 1e9 })
    expect(found).toMatchObject({ status: 'invalid', measured: null })
    expect(found?.reason).toMatch(reason)
  })

  test('shares the error of failing: where so many need more rounds, none fails by chance', () => {
    const many = Array.from({ length: 4 }, (_, index) => ({ ...onQ1, variant: `v${index}`, p95Us: 90 }))
    const scenario = withRounds(roundsOf(levels))
    const [first] = judge(scenario, { ...onQ1, p95Us: 90 }, ...many)
    expect(first?.status).toBe('inconclusive')
    const enough = withRounds(roundsOf(Array.from({ length: roundsForBudgets(5) }, (_, i) => 100 + (i % 3))))
    expect(judge(enough, { ...onQ1, p95Us: 90 }, ...many)[0]?.status).toBe('fail')
  })

  test('errs no more often than it says, on rounds that scatter evenly about the limit', () => {
    const random = randomSequence(1)
    const wrong = { pass: 0, fail: 0 }
    const trials = 4000
    for (let trial = 0; trial < trials; trial++) {
      const levels = Array.from({ length: 8 }, () => 100 * Math.exp(random() - 0.5))
      const [word] = words(withRounds(roundsOf(levels)), { ...onQ1, p95Us: 100 })
      if (word === 'pass' || word === 'fail') wrong[word]++
    }
    // 1 % and four standard deviations of a count; a rule that looked at the point would be wrong half of the time.
    expect(wrong.pass).toBeLessThan(trials * 0.0164)
    expect(wrong.fail).toBeLessThan(trials * 0.0164)
    // And no less: a bound that is never wrong says nothing.
    expect(Math.min(wrong.pass, wrong.fail)).toBeGreaterThan(trials * 0.003)
  })
})

describe('a budget on what is counted', () => {
  test('is exact: the mean of an execution keeps the limit or does not', () => {
    const scenario = withEvidence({}, { vmSteps: 3735, fullScanSteps: 0 })
    expect(words(scenario, { ...onQ1, vmSteps: 373.5, fullScanSteps: 0 })).toEqual(['pass', 'pass'])
    const [found] = judge(scenario, { ...onQ1, vmSteps: 373.4 })
    expect(found).toMatchObject({
      status: 'fail',
      measured: { value: 373.5, low: 373.5, high: 373.5, unit: 'count' },
      reason: 'vmSteps 373.5 an execution, limit 373.4',
    })
  })

  test('does not hide a breach in rounding', () => {
    const [found] = judge(withEvidence({ executions: 1000 }, { vmSteps: 373_501 }), {
      ...onQ1,
      vmSteps: 373.5,
    })
    expect(found).toMatchObject({ status: 'fail', reason: 'vmSteps 373.501 an execution, limit 373.5' })
  })

  test('judges rows read where a server counted them, and bytes of the log of writes', () => {
    const scenario = withEvidence({}, { rowsRead: 185, walBytes: 4000 })
    expect(words(scenario, { ...onQ1, rowsRead: 18.5, walBytes: 400 })).toEqual(['pass', 'pass'])
    expect(words(scenario, { ...onQ1, rowsRead: 18.4, walBytes: 399 })).toEqual(['fail', 'fail'])
  })

  test.each([
    [
      'rows read that nobody counted',
      withEvidence({}),
      { rowsRead: 1e6 },
      /embedded libSQL does not report the rows/,
    ],
    [
      'a log that a read has not',
      withEvidence({}, { walBytes: null }),
      { walBytes: 1e6 },
      /only writes append/,
    ],
    ['nothing counted', { ...sample, evidence: [] }, { vmSteps: 1e6 }, /nothing was counted for it/],
    ['no rows', withEvidence({ rows: 0 }), { vmSteps: 1e6 }, /no execution returned or wrote a row/],
    ['no executions', withEvidence({ executions: 0 }), { vmSteps: 1e6 }, /no execution returned/],
    ['unsteady counters', withEvidence({ unsteady: ['vmSteps'] }), { vmSteps: 1e6 }, /two counts differ/],
  ])('is invalid on %s', (_, scenario, limit, reason) => {
    const [found] = judge(scenario, { ...onQ1, ...limit })
    expect(found?.status).toBe('invalid')
    expect(found?.reason).toMatch(reason)
  })

  test('of a file is judged by its bytes', () => {
    const bytes = sample.variants.find(({ id }) => id === 'composite')?.fileBytes ?? 0
    expect(words(sample, { variant: 'composite', bytes })).toEqual(['pass'])
    expect(words(sample, { variant: 'composite', bytes: bytes - 1 })).toEqual(['fail'])
  })
})

describe('a budget on a plan', () => {
  const planOf = (lines: readonly string[], tempBTree = false): ScenarioRun =>
    withEvidence({
      plan: { summary: 'as it is', fingerprint: 'f', change: '', lines: [...lines], tempBTree },
    })
  const plan = (scenario: ScenarioRun, ...facts: readonly string[]) =>
    words(scenario, { ...onQ1, plan: [...facts] as PlanFact[] })

  test('looks for the index by its whole name', () => {
    const scenario = planOf(['SEARCH p USING COVERING INDEX idx_a_b (a=?)', '  SCAN q USING INDEX IDX_C'])
    expect(plan(scenario, 'uses idx_a_b', 'uses idx_c')).toEqual(['pass'])
    expect(plan(scenario, 'uses idx_a')).toEqual(['fail'])
    expect(plan(scenario, 'uses a_b')).toEqual(['fail'])
  })

  test('knows a temporary B-tree and a full scan, and says which fact broke', () => {
    const scenario = planOf(['SCAN p', 'USE TEMP B-TREE FOR ORDER BY'], true)
    expect(plan(scenario, 'no temp b-tree')).toEqual(['fail'])
    expect(plan(scenario, 'no full scan')).toEqual(['fail'])
    const [found] = judge(scenario, { ...onQ1, plan: ['no full scan', 'uses idx'] })
    expect(found).toMatchObject({
      limit: 'no full scan, uses idx',
      reason: 'plan does not keep «no full scan», «uses idx»: as it is',
    })
  })

  test('does not take the rows of a subquery or constants for a full scan', () => {
    const lines = [
      'CO-ROUTINE history',
      '  SEARCH p USING INDEX i (id=?)',
      'SCAN history',
      'SCAN CONSTANT ROW',
    ]
    expect(plan(planOf(lines), 'no full scan')).toEqual(['pass'])
  })

  test('is invalid where the statement has no plan', () => {
    expect(plan(planOf([]), 'no temp b-tree')).toEqual(['invalid'])
  })
})

describe('budgets of a Run', () => {
  test('that name a variant or an operation which it has not are invalid', () => {
    expect(
      judge(
        sample,
        { variant: 'gone', bytes: 1e12 },
        { variant: 'composite', operation: 'Q9', vmSteps: 1e9 },
      ),
    ).toMatchObject([
      { status: 'invalid', reason: expect.stringContaining('no such variant') },
      { status: 'invalid', reason: expect.stringContaining('no such operation') },
    ])
  })

  test('are its gate, and a Run without any has none', () => {
    const run = sampleRun()
    expect(judgeRun(run).gate).toBeNull()
    const held: Run = {
      ...run,
      scenarios: [{ ...sample, budgets: [{ variant: 'composite', bytes: 1 }], complete: false }],
    }
    expect(judgeRun(held).gate).toMatchObject({ status: 'fail', notes: [`${sample.id} was cut short`] })
  })
})
