import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countStalls, fairCoinTail } from './stall-test.ts'

/** Pascal's triangle. */
function binomial(n: number, k: number): number {
  return k === 0 || k === n ? 1 : binomial(n - 1, k - 1) + binomial(n - 1, k)
}

describe('fairCoinTail', () => {
  test('is the share of all outcomes with so many heads or more', () => {
    for (let n = 0; n <= 14; n++) {
      for (let k = 0; k <= n; k++) {
        let ways = 0
        for (let heads = k; heads <= n; heads++) ways += binomial(n, heads)
        expect(fairCoinTail(k, n)).toBeCloseTo(ways / 2 ** n, 12)
      }
    }
  })

  test('of heads and of tails leaves out nothing, for thousands of tosses too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, share) => {
          const k = Math.max(1, Math.round(share * n))
          expect(fairCoinTail(k, n) + fairCoinTail(n - k + 1, n)).toBeCloseTo(1, 9)
        },
      ),
    )
  })
})

test('stalls are counted over all rounds', () => {
  const rounds = [
    { pairs: 25, baseline: 1, candidate: 3 },
    { pairs: 20, baseline: 0, candidate: 4 },
  ]
  expect(countStalls(rounds)).toEqual({ pairs: 45, baseline: 1, candidate: 7, p: 9 / 256 })
  expect(countStalls([])).toMatchObject({ pairs: 0, p: 1 })
})
