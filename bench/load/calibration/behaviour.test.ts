import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { treatmentOf } from './behaviour.ts'

const numbers = (from: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => from + i)

describe('the calibration server treats requests', () => {
  test('so that exactly one in each block is slow, or closed, whatever the size of the block', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 50 }), fc.integer({ min: 0, max: 1000 }), (size, block) => {
        const inBlock = numbers(block * size, size)
        const bimodal = { kind: 'bimodal', fastMs: 1, slowMs: 9, slowEvery: size } as const
        const closing = { kind: 'closing', delayMs: 1, closeEvery: size } as const
        expect(inBlock.filter((n) => treatmentOf(bimodal, n, 0).delayMs === 9)).toHaveLength(1)
        expect(inBlock.filter((n) => !treatmentOf(closing, n, 0).answered)).toHaveLength(1)
      }),
    )
  })

  test('so that the place in the block cannot be guessed from the blocks before', () => {
    const closing = { kind: 'closing', delayMs: 0, closeEvery: 10 } as const
    const places = numbers(0, 1000).filter((n) => !treatmentOf(closing, n, 0).answered)
    expect(new Set(places.map((n) => n % 10)).size).toBe(10)
  })

  test('in a stall at its end, before and after it after the delay', () => {
    const stall = { kind: 'stall', delayMs: 5, fromMs: 1000, untilMs: 4000 } as const
    const delays = [999, 1000, 2500, 3999, 4000].map((ms) => treatmentOf(stall, 7, ms).delayMs)
    expect(delays).toEqual([5, 3000, 1500, 5, 5])
  })

  test('at once when it is asked to do nothing', () => {
    expect(treatmentOf({ kind: 'null' }, 0, 0)).toEqual({ delayMs: 0, answered: true })
  })
})
