import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { claimAnalyses, decideChange, judgeChange } from './decide-change.ts'

const change = (low: number, high: number) => ({ estimate: (low + high) / 2, low, high })

describe('judgeChange of a claimed −50 to −70 %', () => {
  const claimed = { from: -0.5, to: -0.7 }
  test.each([
    [-0.7, -0.6, 'confirmed'],
    [-0.6, -0.5, 'confirmed'],
    [-0.99, -0.98, 'confirmed'],
    [-0.45, -0.3, 'partly'],
    [-0.3, -0.25, 'partly'],
    [-0.24, -0.1, 'refuted'],
    [0.1, 0.3, 'refuted'],
    [-0.55, -0.45, 'inconclusive'],
    [-0.3, -0.2, 'inconclusive'],
    [-0.9, 0.5, 'inconclusive'],
    [-0.5, -0.4, 'inconclusive'],
  ] as const)('[%f, %f] is %s', (low, high, word) => {
    expect(judgeChange(change(low, high), claimed)).toBe(word)
  })

  test('does not depend on the order of the ends', () => {
    expect(judgeChange(change(-0.6, -0.55), { from: -0.7, to: -0.5 })).toBe('confirmed')
  })
})

describe('judgeChange of a claimed +100 %', () => {
  const claimed = { from: 1, to: 1 }
  test.each([
    [1, 1.2, 'confirmed'],
    [4, 5, 'confirmed'],
    [0.5, 0.9, 'partly'],
    [0.1, 0.4, 'refuted'],
    [-0.5, -0.2, 'refuted'],
    [0.9, 1.1, 'inconclusive'],
    [0.4, 0.6, 'inconclusive'],
  ] as const)('[%f, %f] is %s', (low, high, word) => {
    expect(judgeChange(change(low, high), claimed)).toBe(word)
  })
})

describe('judgeChange', () => {
  const share = fc.double({ min: -0.99, max: 0.99, noNaN: true })

  test('mirrors increases and reductions', () => {
    fc.assert(
      fc.property(share, share, fc.double({ min: 0.01, max: 0.9, noNaN: true }), (a, b, w) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        expect(judgeChange(change(low, high), { from: w, to: w })).toBe(
          judgeChange(change(-high, -low), { from: -w, to: -w }),
        )
      }),
    )
  })

  test('never says more of a wider interval: it keeps its word or becomes inconclusive', () => {
    const wider = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(share, share, wider, wider, (a, b, down, up) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        const claimed = { from: -0.3, to: -0.4 }
        const narrow = judgeChange(change(low, high), claimed)
        expect([narrow, 'inconclusive']).toContain(judgeChange(change(low - down, high + up), claimed))
      }),
    )
  })
})

describe('decideChange', () => {
  const claimed = { from: -0.5, to: -0.5 }
  const analyses = [
    { rounds: 8, alpha: 1 / 256 },
    { rounds: 12, alpha: 0.003 },
  ]
  const around = (rounds: number, ratio: number, spread = 0.02): readonly number[] =>
    Array.from({ length: rounds }, (_, i) => Math.log(ratio) + (i % 2 === 0 ? spread : -spread))

  test('does not judge before the first analysis', () => {
    expect(decideChange(around(7, 0.4), claimed, analyses)).toBeUndefined()
  })

  test('judges with the exact bounds of the analysis that its rounds reach', () => {
    const decision = decideChange(around(8, 0.4), claimed, analyses)
    expect(decision).toMatchObject({ status: 'confirmed', rounds: 8, alpha: 1 / 256, roundsNeeded: null })
    // All eight signs agree: the bounds are the smallest and the largest round.
    expect(decision?.change.low).toBeCloseTo(0.4 * Math.exp(-0.02) - 1, 10)
    expect(decision?.change.high).toBeCloseTo(0.4 * Math.exp(0.02) - 1, 10)
  })

  test('is not moved by rounds after the analysis that decided', () => {
    const decided = decideChange(around(8, 0.4), claimed, analyses)
    expect(decideChange([...around(8, 0.4), 5, 5, 5, 5], claimed, analyses)).toEqual(decided)
  })

  test('judges rounds between two analyses with the error of the next one', () => {
    expect(decideChange(around(10, 0.5), claimed, analyses)).toMatchObject({
      status: 'inconclusive',
      rounds: 10,
      alpha: 3 / 1024,
    })
  })

  test('says how many rounds would tell: more the nearer the border', () => {
    const needed = (ratio: number): number =>
      decideChange(around(12, ratio, 0.2), claimed, analyses)?.roundsNeeded ?? 0
    expect(needed(0.45)).toBeGreaterThan(12)
    expect(needed(0.48)).toBeGreaterThan(needed(0.45))
  })

  test('errs in less than 1 % of cases on either side, all analyses together', () => {
    expect(claimAnalyses.reduce((sum, { alpha }) => sum + alpha, 0)).toBeLessThan(0.01)
  })
})
