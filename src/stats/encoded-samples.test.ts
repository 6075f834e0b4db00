import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeSamples, encodeSamples } from './encoded-samples.ts'

describe('encoded samples', () => {
  test('come back in ascending order, to the nanosecond', () => {
    const durations = fc.array(fc.integer({ min: 0, max: 3_600_000_000_000 }), { maxLength: 300 })
    fc.assert(
      fc.property(durations, (values) => {
        const decoded = decodeSamples(encodeSamples(Float64Array.from(values)))
        expect([...decoded]).toEqual(values.toSorted((a, b) => a - b))
      }),
    )
  })

  test('are rounded to whole nanoseconds, and never negative', () => {
    expect([...decodeSamples(encodeSamples(Float64Array.of(1.6, -3)))]).toEqual([0, 2])
  })

  test('that end within a number are refused', () => {
    expect(() => decodeSamples(Buffer.from([200]).toString('base64'))).toThrow(RangeError)
  })
})
