import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pairedRatio } from './paired-ratio.ts'
import type { SliceSeries } from './round-effects.ts'

const confidence = 0.95

/** `rounds` × 3 slices whose value is a function of round and block. */
function series(rounds: number, valueAt: (round: number, block: number) => number): SliceSeries {
  const places = Array.from({ length: rounds * 3 }, (_, i) => ({ round: Math.floor(i / 3), block: i % 3 }))
  return {
    round: places.map(({ round }) => round),
    block: places.map(({ block }) => block),
    value: places.map(({ round, block }) => valueAt(round, block)),
  }
}

const reordered = (slices: SliceSeries, order: readonly number[]): SliceSeries => ({
  round: order.map((i) => slices.round[i] ?? 0),
  block: order.map((i) => slices.block[i] ?? 0),
  value: order.map((i) => slices.value[i] ?? 0),
})

const measured = (candidate: SliceSeries, baseline: SliceSeries) => {
  const ratio = pairedRatio(candidate, baseline, confidence)
  if (ratio.state !== 'measured') throw new Error(ratio.state)
  return ratio
}

describe('pairedRatio', () => {
  test('is exact for exact numbers', () => {
    const { rounds, interval } = measured(
      series(7, () => 50),
      series(7, () => 200),
    )
    expect(rounds).toBe(7)
    expect(interval.estimate).toBeCloseTo(0.25, 12)
    expect(interval.low).toBeCloseTo(0.25, 12)
    expect(interval.high).toBeCloseTo(0.25, 12)
    expect(interval.confidence).toBe(1 - 2 * (3 / 128))
  })

  test('does not see drift that meets both alike', () => {
    const drift = (round: number, block: number): number => 100 * (1 + round) ** 2 * (1 + block)
    const { interval } = measured(
      series(8, (round, block) => 1.1 * drift(round, block)),
      series(8, drift),
    )
    expect(interval.low).toBeCloseTo(1.1, 12)
    expect(interval.high).toBeCloseTo(1.1, 12)
  })

  test('takes the round for its unit: many wild slices in one round move the interval no more than that round', () => {
    const { interval } = measured(
      series(7, (round) => (round === 3 ? 9000 : 110)),
      series(7, () => 100),
    )
    expect(interval.estimate).toBeCloseTo(1.1, 12)
    expect(interval.low).toBeCloseTo(1.1, 12)
  })

  test('gives the same answer for slices in any order', () => {
    const indexes = Array.from({ length: 21 }, (_, i) => i)
    const candidate = series(7, (round, block) => 100 + round * 7 + block)
    const baseline = series(7, (round, block) => 90 + round * 3 + block * 2)
    const expected = measured(candidate, baseline).interval
    fc.assert(
      fc.property(
        fc.shuffledSubarray(indexes, { minLength: 21 }),
        fc.shuffledSubarray(indexes, { minLength: 21 }),
        (first, second) => {
          const { interval } = measured(reordered(candidate, first), reordered(baseline, second))
          expect(interval.estimate).toBeCloseTo(expected.estimate, 12)
          expect(interval.low).toBeCloseTo(expected.low, 12)
          expect(interval.high).toBeCloseTo(expected.high, 12)
        },
      ),
    )
  })

  test('turns into its reciprocal when the sides are swapped, and scales with the candidate', () => {
    const values = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 21, maxLength: 21 })
    fc.assert(
      fc.property(values, values, fc.integer({ min: 1, max: 50 }), (a, b, times) => {
        const first = series(7, (round, block) => a[round * 3 + block] ?? 1)
        const second = series(7, (round, block) => b[round * 3 + block] ?? 1)
        const there = measured(first, second).interval
        const back = measured(second, first).interval
        expect(back.low * there.high).toBeCloseTo(1, 9)
        expect(back.high * there.low).toBeCloseTo(1, 9)
        expect(back.estimate * there.estimate).toBeCloseTo(1, 9)
        const scaled = measured(
          { ...first, value: first.value.map((value) => value * times) },
          second,
        ).interval
        expect(scaled.low / there.low).toBeCloseTo(times, 9)
        expect(scaled.high / there.high).toBeCloseTo(times, 9)
        expect(there.low).toBeLessThanOrEqual(there.estimate)
        expect(there.estimate).toBeLessThanOrEqual(there.high)
      }),
    )
  })

  test('gives an estimate and no interval for too few rounds', () => {
    const ratio = pairedRatio(
      series(5, () => 3),
      series(5, () => 2),
      confidence,
    )
    expect(ratio).toEqual({ state: 'too-few-rounds', rounds: 5, estimate: expect.closeTo(1.5, 12) })
  })

  test('compares only slices of the same block of the same round', () => {
    const candidate = series(7, () => 3)
    const elsewhere = { ...candidate, round: candidate.round.map((round) => round + 100) }
    expect(pairedRatio(candidate, elsewhere, confidence)).toEqual({ state: 'no-pairs' })
    expect(pairedRatio({ round: [], block: [], value: [] }, candidate, confidence)).toEqual({
      state: 'no-pairs',
    })
  })

  test('leaves out pairs whose time is nothing, for which there is no ratio', () => {
    const candidate = series(7, (_, block) => (block === 0 ? 0 : 4))
    const baseline = series(7, (_, block) => (block === 1 ? 0 : 2))
    expect(measured(candidate, baseline).interval.estimate).toBeCloseTo(2, 12)
  })
})
