import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judgeChange } from '../stats/decide-change.ts'
import { judgeParts } from './judge-parts.ts'

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

describe('judgeParts', () => {
  test.each([
    [['confirmed', 'confirmed'], 'confirmed'],
    [['refuted', 'refuted'], 'refuted'],
    [['inconclusive', 'inconclusive'], 'inconclusive'],
    [['not-measured', 'not-measured'], 'not-measured'],
    [['partly'], 'partly'],
    [['confirmed', 'refuted'], 'partly'],
    [['confirmed', 'not-measured'], 'partly'],
    [['partly', 'inconclusive'], 'partly'],
    [['refuted', 'inconclusive'], 'inconclusive'],
    [['refuted', 'not-measured'], 'inconclusive'],
    [[], 'not-measured'],
  ] as const)('%j is %s', (words, word) => {
    expect(judgeParts(words)).toBe(word)
  })
})
