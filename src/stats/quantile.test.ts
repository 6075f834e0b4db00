import { describe, expect, test } from 'vitest'
import { quantile, sortNumbers } from './quantile.ts'

describe('quantile', () => {
  test('gives the values of R quantile(x, type = 7)', () => {
    const values = sortNumbers([9, 1, 4, 16, 25])
    expect([0, 0.1, 0.25, 0.5, 0.9, 0.95, 1].map((p) => quantile(values, p))).toEqual(
      [1, 2.2, 4, 9, 21.4, 23.2, 25].map((expected) => expect.closeTo(expected, 12)),
    )
  })

  test('halves the middle of an even number of values', () => {
    expect(quantile(sortNumbers([1, 2, 3, 10]), 0.5)).toBe(2.5)
  })

  test('refuses to take a quantile of nothing, or of a p that is no probability', () => {
    expect(() => quantile(sortNumbers([]), 0.5)).toThrow(RangeError)
    expect(() => quantile(sortNumbers([1, 2]), 1.5)).toThrow(RangeError)
    expect(() => quantile(sortNumbers([1, 2]), -0.1)).toThrow(RangeError)
    expect(() => quantile(sortNumbers([1, 2]), Number.NaN)).toThrow(RangeError)
  })

  test('sorts numbers as numbers and leaves the input alone', () => {
    const input = [10, 9, 100]
    expect(sortNumbers(input)).toEqual([9, 10, 100])
    expect(input).toEqual([10, 9, 100])
  })
})
