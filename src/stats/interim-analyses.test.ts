import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gateBudget, gateAnalyses } from './interim-analyses.ts'
import { signedRankBounds } from './signed-rank.ts'

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

describe('gateAnalyses', () => {
  test('of one operation analyses after 8, 12 and 18 rounds, both ways', () => {
    expect(gateAnalyses(1)).toEqual([
      { rounds: 8, failAlpha: 1 / 256, passAlpha: 1 / 256, stallAlpha: 0.0003 },
      { rounds: 12, failAlpha: 0.0025, passAlpha: 0.0025, stallAlpha: 0.0003 },
      { rounds: 18, failAlpha: 0.0025, passAlpha: 0.0025, stallAlpha: 0.0003 },
    ])
  })

  test('of three operations waits with failing for the rounds that reach a third of the error', () => {
    expect(gateAnalyses(3).map(({ rounds }) => rounds)).toEqual([8, 10, 12, 18])
    expect(gateAnalyses(3).map(({ failAlpha }) => failAlpha > 0)).toEqual([false, true, true, true])
    expect(gateAnalyses(3).map(({ passAlpha }) => passAlpha > 0)).toEqual([true, false, true, true])
  })

  test('spends less than 1 % on false alarms over all operations, and on each operation that passes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), (operations) => {
        const analyses = gateAnalyses(operations)
        const failing = analyses.map(({ failAlpha, stallAlpha }) => failAlpha + stallAlpha)
        expect(sum(failing) * operations).toBeLessThan(0.01)
        expect(sum(analyses.map(({ passAlpha }) => passAlpha))).toBeLessThan(0.01)
      }),
    )
  })

  test('analyses where signed ranks can answer, in ascending order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), (operations) => {
        const analyses = gateAnalyses(operations)
        const rounds = analyses.map((analysis) => analysis.rounds)
        expect(rounds).toEqual([...new Set(rounds)].toSorted((a, b) => a - b))
        for (const { rounds: n, failAlpha, passAlpha } of analyses) {
          const values = Array.from({ length: n }, (_, i) => i + 1)
          if (failAlpha > 0) expect(signedRankBounds(values, failAlpha)).toBeDefined()
          if (passAlpha > 0) expect(signedRankBounds(values, passAlpha)).toBeDefined()
        }
        expect(rounds.at(-1)).toBeGreaterThanOrEqual(gateBudget.at(-1)?.rounds ?? 0)
      }),
    )
  })
})
