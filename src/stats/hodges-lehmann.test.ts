import fc from 'fast-check'
import { center, Sample } from 'pragmastat'
import { describe, expect, test } from 'vitest'
import { hodgesLehmann, walshAverages } from './hodges-lehmann.ts'

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 12 })

describe('hodgesLehmann', () => {
  test('is the median of all means of two values, each value with itself included', () => {
    expect(walshAverages([1, 5, 2])).toEqual([1, 1.5, 2, 3, 3.5, 5])
    expect(hodgesLehmann([1, 5, 2])).toBe(2.5)
  })

  test('is the value itself for one value', () => expect(hodgesLehmann([7])).toBe(7))

  test('refuses no values', () => expect(() => hodgesLehmann([])).toThrow(RangeError))

  test('stays within the others when one value in five is wild', () => {
    expect(hodgesLehmann([10, 11, 12, 13, 1e9])).toBeLessThanOrEqual(13)
  })

  test('agrees with center of pragmastat', () => {
    fc.assert(
      fc.property(values, (sample) => {
        expect(hodgesLehmann(sample)).toBeCloseTo(center(Sample.of(sample)).value, 6)
      }),
    )
  })

  test('moves and scales with its values, whatever their order', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: -100, max: 100 }), (sample, by) => {
        const estimate = hodgesLehmann(sample)
        expect(hodgesLehmann(sample.map((value) => value + by))).toBeCloseTo(estimate + by, 6)
        expect(hodgesLehmann(sample.map((value) => value * by)) + 0).toBeCloseTo(estimate * by + 0, 3)
        expect(hodgesLehmann(sample.toReversed())).toBe(estimate)
      }),
    )
  })
})
