import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomSequence } from '../random/random.ts'
import { levelledQuantity, levelRound } from './levelled-round.ts'
import { quantile, sortNumbers } from './quantile.ts'
import type { SampledSlice } from './sampled-slice.ts'

const slice = (block: number, values: Iterable<number>): SampledSlice => ({
  block,
  sortedNs: Float64Array.from(values).sort(),
})
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 })

/** Slices of the same shape, each at its level: 1 to 100 µs times the level. */
const atLevels = (levels: readonly number[]): readonly SampledSlice[] =>
  levels.map((level, block) =>
    slice(
      block,
      Array.from({ length: 101 }, (_, i) => (i + 1) * 1000 * level),
    ),
  )

describe('a levelled round', () => {
  test('of one side has the quantiles of its samples when nothing moves', () => {
    const levelled = levelRound(1, [atLevels([1, 1, 1, 1, 1])])
    const [side] = levelled?.sides ?? []
    expect(levelled?.levelNs).toBeCloseTo(51_000, 6)
    expect((levelled?.levelNs ?? 0) * (levelledQuantity(side!, 'p95') ?? 0)).toBeCloseTo(96_000, 6)
  })

  test('has the ratio of two sides, whatever both meet from slice to slice', () => {
    const levels = fc.array(fc.double({ min: 0.2, max: 5, noNaN: true }), { minLength: 4, maxLength: 12 })
    fc.assert(
      fc.property(levels, fc.double({ min: 0.5, max: 3, noNaN: true }), (common, ratio) => {
        const levelled = levelRound(1, [atLevels(common.map((level) => level * ratio)), atLevels(common)])
        const [of, against] = (levelled?.sides ?? []).map((side) => levelledQuantity(side, 'p95') ?? 0)
        if (of === undefined || against === undefined || against === 0) return
        expect(of / against).toBeCloseTo(ratio, 9)
      }),
    )
  })

  test('is without its loudest stretches, at most one in five, when they are louder than the others differ', () => {
    const kept = (levels: readonly number[]): number =>
      (levelRound(1, [atLevels(levels)])?.sides[0]?.length ?? 0) / 101
    expect(kept([1, 1.01, 0.99, 1.02, 1, 1, 1, 1, 3, 3])).toBe(8)
    expect(kept([1, 1.01, 0.99, 1.02, 1, 1, 1, 3, 3, 3])).toBe(8)
    expect(kept([1, 1.01, 0.99, 1.02, 1, 1, 1, 1, 1.05, 1])).toBe(10)
  })

  test('treats both sides alike: exchanging them exchanges the answer', () => {
    fc.assert(
      fc.property(seed, (key) => {
        const random = randomSequence(key)
        const noisy = (): readonly SampledSlice[] =>
          Array.from({ length: 8 }, (_, block) =>
            slice(
              block,
              Array.from({ length: 60 }, () => 1000 * Math.exp(random()) * (random() < 0.1 ? 4 : 1)),
            ),
          )
        const [a, b] = [noisy(), noisy()]
        const [one, other] = [levelRound(1, [a, b]), levelRound(1, [b, a])]
        expect(one?.sides[0]).toEqual(other?.sides[1])
        expect(one?.sides[1]).toEqual(other?.sides[0])
      }),
    )
  })

  test('leaves out blocks that only one side has', () => {
    const both = levelRound(1, [atLevels([1, 1, 1]), atLevels([1, 1])])
    expect(both?.sides.map((side) => side.length)).toEqual([202, 202])
    expect(levelRound(1, [atLevels([1]), []])).toBeUndefined()
  })

  test('joins short slices until their median means something', () => {
    // Two samples a slice: were each divided by its own median, every spread would be gone.
    const random = randomSequence(5)
    const all = Array.from({ length: 400 }, () => 1000 * Math.exp(random() * 2))
    const short = Array.from({ length: 200 }, (_, block) => slice(block, all.slice(2 * block, 2 * block + 2)))
    const levelled = levelRound(1, [short])
    const p95 = (levelled?.levelNs ?? 0) * (levelledQuantity(levelled!.sides[0]!, 'p95') ?? 0)
    expect(p95 / quantile(sortNumbers(all), 0.95)).toBeCloseTo(1, 1)
  })
})

describe('a quantity of a levelled round', () => {
  const numbers = (count: number) => sortNumbers(Array.from({ length: count }, (_, i) => i + 1))

  test('is the quantile of type 7, or the mean', () => {
    expect(levelledQuantity(numbers(2001), 'p95')).toBe(1901)
    expect(levelledQuantity(numbers(2001), 'p99')).toBe(1981)
    expect(levelledQuantity(numbers(9), 'p50')).toBe(5)
    expect(levelledQuantity(numbers(9), 'mean')).toBe(5)
  })

  test('is undefined where too few samples are left after the loud ones were dropped', () => {
    expect(levelledQuantity(numbers(319), 'p95')).toBeUndefined()
    expect(levelledQuantity(numbers(320), 'p95')).toBeDefined()
    expect(levelledQuantity(numbers(1599), 'p99')).toBeUndefined()
    expect(levelledQuantity(numbers(1600), 'p99')).toBeDefined()
  })
})
