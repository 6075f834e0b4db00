import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { searchHighest } from './target-search.ts'

const options = { fromPerSec: 1000, limitPerSec: 20_000, precision: 1.1, tries: 2 }
const upTo = (border: number) => (ratePerSec: number) =>
  Promise.resolve({ passed: ratePerSec <= border, step: ratePerSec })

describe('the search for the highest rate', () => {
  test('ends with a rate that passed, and one that failed at most a tenth above it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 60, max: 19_000 }), async (border) => {
        const { highest, failed, steps } = await searchHighest(upTo(border), options)
        expect(highest?.ratePerSec).toBeLessThanOrEqual(border)
        expect(failed?.ratePerSec).toBeGreaterThan(border)
        expect(failed!.ratePerSec / highest!.ratePerSec).toBeLessThanOrEqual(1.1)
        expect(steps.length).toBeLessThan(25)
      }),
    )
  })

  test('asks for no more than the limit', async () => {
    const { highest, failed, steps } = await searchHighest(upTo(Infinity), options)
    expect(highest?.ratePerSec).toBe(20_000)
    expect(failed).toBeNull()
    expect(steps.map(({ ratePerSec }) => ratePerSec)).toEqual([1000, 2000, 4000, 8000, 16_000, 20_000])
  })

  test('gives up where nothing passes', async () => {
    const { highest, failed } = await searchHighest(upTo(0), options)
    expect(highest).toBeNull()
    expect(failed?.ratePerSec).toBeLessThan(60)
  })

  test('believes a failure when it has seen it twice', async () => {
    const failedOnce = new Set<number>()
    const { highest } = await searchHighest((ratePerSec) => {
      const passed = ratePerSec <= 5000 && failedOnce.has(ratePerSec)
      failedOnce.add(ratePerSec)
      return Promise.resolve({ passed, step: undefined })
    }, options)
    expect(highest?.ratePerSec).toBeGreaterThan(4500)
  })
})
