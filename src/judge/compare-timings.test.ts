import { describe, expect, test } from 'vitest'
import { sampleRun } from '../../fixtures/runs/sample-run.ts'
import type { OverRounds } from '../stats/over-rounds.ts'
import { compareTimings, comparisonStatus } from './compare-timings.ts'

const ratio = (low: number, high: number): OverRounds => ({
  state: 'measured',
  rounds: 7,
  interval: { estimate: (low + high) / 2, low, high, confidence: 0.953 },
})

describe('comparisonStatus', () => {
  test.each([
    [0.2, 0.3, 'faster'],
    [0.9, 0.97, 'faster'],
    [1.03, 1.2, 'slower'],
    [0.9, 0.99, 'inconclusive'],
    [1.01, 1.2, 'inconclusive'],
    [0.96, 0.99, 'no difference'],
    [0.95, 1.05, 'no difference'],
    [0.94, 1.02, 'inconclusive'],
    [0.5, 2, 'inconclusive'],
  ] as const)('[%f, %f] is %s', (low, high, word) => {
    expect(comparisonStatus(ratio(low, high))).toBe(word)
  })

  test('is inconclusive without an interval', () => {
    expect(comparisonStatus({ state: 'too-few-rounds', rounds: 2, estimate: 0.1 })).toBe('inconclusive')
    expect(comparisonStatus({ state: 'nothing' })).toBe('inconclusive')
  })
})

describe('compareTimings', () => {
  const comparisons = compareTimings(sampleRun())

  test('compares every operation with the variant named, and the baseline with nothing', () => {
    const found = comparisons.map(({ operation, variant, versus }) => `${operation} ${variant} / ${versus}`)
    expect(found).toContain('Q1 composite:no-stats / baseline:no-stats')
    expect(found).toContain('Q1 composite-client / composite')
    expect(found.some((text) => text.includes(' baseline /'))).toBe(false)
  })

  test('finds the made-up ratio of the sample through its drift', () => {
    const q1 = comparisons.find(({ operation, variant }) => operation === 'Q1' && variant === 'composite')
    expect(q1?.p50.status).toBe('faster')
    expect(q1?.p50.ratio.state === 'measured' && q1.p50.ratio.interval.estimate).toBeCloseTo(88 / 420, 2)
  })
})
