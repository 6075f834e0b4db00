import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { levelAt, plannedArrivals } from './load-stages.ts'

const stages = [
  { seconds: 4, fromLevel: 0, toLevel: 1 },
  { seconds: 10, fromLevel: 1, toLevel: 1 },
  { seconds: 2, fromLevel: 1, toLevel: 0.5 },
]

describe('plannedArrivals', () => {
  test.each([
    [0, 16, 100 * (2 + 10 + 1.5)],
    [4, 14, 1000],
    [0, 2, 50],
    [2, 4, 150],
    [14, 16, 150],
    [16, 20, 0],
    [5, 5, 0],
  ])('from second %d to %d are the area below the rate: %d', (from, to, arrivals) => {
    expect(plannedArrivals(100, stages, { fromSecond: from, toSecond: to })).toBeCloseTo(arrivals, 9)
  })

  test('add up over neighbouring parts', () => {
    const moment = fc.double({ min: 0, max: 16, noNaN: true })
    fc.assert(
      fc.property(moment, moment, moment, (...moments) => {
        const [a = 0, b = 0, c = 0] = moments.toSorted((x, y) => x - y)
        const between = (from: number, to: number) =>
          plannedArrivals(100, stages, { fromSecond: from, toSecond: to })
        expect(between(a, b) + between(b, c)).toBeCloseTo(between(a, c), 6)
      }),
    )
  })
})

test('the level is on the line between the ends of its stage, and 0 behind the last', () => {
  const jump = [stages[0]!, { seconds: 1, fromLevel: 0.5, toLevel: 0.5 }]
  expect([0, 1, 2, 4, 4.9, 5, 100].map((seconds) => levelAt(jump, seconds))).toEqual([
    0, 0.25, 0.5, 0.5, 0.5, 0, 0,
  ])
})
