import { describe, expect, test } from 'vitest'
import { firstCallLevel, levelBounds, pairedRatio, sideLevel } from './over-rounds.ts'
import type { SampledRound } from './sampled-slice.ts'

/** Rounds of five slices of 1 to 101 µs, times the level of the round. */
const rounds = (levels: readonly number[], samples = 101): readonly SampledRound[] =>
  levels.map((level, index) => ({
    round: index + 1,
    slices: Array.from({ length: 5 }, (_, block) => ({
      block,
      sortedNs: Float64Array.from({ length: samples }, (_, i) => (i + 1) * 1000 * level),
    })),
  }))

const levels = [1, 1.1, 0.9, 1.05, 0.95, 1.2, 0.8]

describe('a ratio over rounds', () => {
  test('does not see what moves whole rounds of both sides', () => {
    const ratio = pairedRatio(rounds(levels.map((level) => level * 1.5)), rounds(levels), 'p95', 0.95)
    expect(ratio).toMatchObject({
      state: 'measured',
      rounds: 7,
      interval: {
        estimate: expect.closeTo(1.5, 9),
        low: expect.closeTo(1.5, 9),
        high: expect.closeTo(1.5, 9),
        confidence: 1 - 6 / 128,
      },
    })
  })

  test('has an interval that leaves out as many rounds as the confidence allows, on either side', () => {
    const ratio = pairedRatio(rounds(levels), rounds(levels.map(() => 1)), 'p50', 0.95)
    expect(ratio.state === 'measured' && ratio.interval.low).toBeCloseTo(Math.sqrt(0.8 * 0.95), 9)
    expect(ratio.state === 'measured' && ratio.interval.high).toBeCloseTo(Math.sqrt(1.2 * 1.05), 9)
  })

  test('is an estimate only where rounds are too few', () => {
    expect(pairedRatio(rounds([2, 2]), rounds([1, 1]), 'p95', 0.95)).toEqual({
      state: 'too-few-rounds',
      rounds: 2,
      estimate: expect.closeTo(2, 9),
    })
  })

  test('is not there where samples are too few, or the sides share no round', () => {
    expect(pairedRatio(rounds(levels, 20), rounds(levels, 101), 'p95', 0.95)).toEqual({
      state: 'too-few-samples',
      mostSamples: 100,
    })
    const others = rounds(levels).map((each) => ({ ...each, round: each.round + 50 }))
    expect(pairedRatio(rounds(levels), others, 'p50', 0.95)).toEqual({ state: 'nothing' })
  })
})

test('a level of one side is in nanoseconds, with an interval', () => {
  expect(sideLevel(rounds(levels), 'p95', 0.95)).toMatchObject({
    state: 'measured',
    interval: {
      estimate: expect.closeTo(96_000, -3),
      low: expect.closeTo(96_000 * Math.sqrt(0.8 * 0.95), 3),
    },
  })
  expect(sideLevel([], 'p95', 0.95)).toEqual({ state: 'nothing' })
})

test('bounds of a level are exact, and open where rounds cannot reach the error', () => {
  expect(levelBounds(rounds(levels), 'p95', 1 / 128)).toMatchObject({
    rounds: 7,
    low: expect.closeTo(76_800, 3),
    high: expect.closeTo(115_200, 3),
    alpha: 1 / 128,
  })
  expect(levelBounds(rounds(levels), 'p95', 0.001)).toMatchObject({ low: 0, high: Infinity, alpha: 0 })
})

test('the first call is the median over the slices of a round, over rounds', () => {
  const calls = levels.map((level, index) => ({
    round: index + 1,
    firstsNs: [1, 2, 30].map((ns) => ns * level),
  }))
  expect(firstCallLevel(calls, 0.95)).toMatchObject({
    state: 'measured',
    interval: { estimate: expect.closeTo(2, 1) },
  })
  expect(firstCallLevel([{ round: 1, firstsNs: [] }], 0.95)).toEqual({ state: 'nothing' })
})
