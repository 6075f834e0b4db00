import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomSequence } from '../random/sequence.ts'
import type { Row } from '../target/connection.ts'
import { planSteps, shuffled, sliceArguments, spreadSteps } from './round-plan.ts'

const operation = fc.record({
  blocks: fc.integer({ min: 0, max: 5 }),
  firstBlock: fc.integer({ min: 0, max: 9 }),
  variants: fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { maxLength: 8 }),
})
const operations = fc.array(operation, { maxLength: 6 })
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 })

const rows = (count: number): readonly Row[] => Array.from({ length: count }, (_, i) => [i])

describe('the steps of a round', () => {
  test('visit every operation and block exactly once, and every variant once in each block', () => {
    fc.assert(
      fc.property(operations, seed, (all, key) => {
        const steps = planSteps(all, randomSequence(key))
        const visits = steps.flatMap(({ operation, block, order }) =>
          order.map((variant) => `${operation}/${block}/${variant}`),
        )
        const due = all.flatMap(({ blocks, firstBlock, variants }, index) =>
          Array.from({ length: blocks }, (_, i) =>
            variants.map((variant) => `${index}/${firstBlock + i}/${variant}`),
          ).flat(),
        )
        expect(visits.toSorted()).toEqual(due.toSorted())
        const blocks = steps.map(({ operation, block }) => `${operation}/${block}`)
        expect(new Set(blocks).size).toBe(blocks.length)
      }),
    )
  })

  test('go through all operations before any gets its next block', () => {
    fc.assert(
      fc.property(operations, seed, (all, key) => {
        const passes = planSteps(all, randomSequence(key)).map(
          ({ operation, block }) => block - (all[operation]?.firstBlock ?? 0),
        )
        expect(passes).toEqual(passes.toSorted((a, b) => a - b))
      }),
    )
  })

  test('are the same for the same seed, and others for another', () => {
    const all = [0, 1, 2].map(() => ({ blocks: 3, firstBlock: 0, variants: [0, 1, 2, 3] }))
    const plan = (key: number): unknown => planSteps(all, randomSequence(key))
    expect(plan(1)).toEqual(plan(1))
    expect(plan(1)).not.toEqual(plan(2))
  })

  test('put every variant at every place of a block about equally often', () => {
    const places = new Map<string, number>()
    for (let key = 0; key < 600; key++) {
      const [step] = planSteps([{ blocks: 1, firstBlock: 0, variants: [0, 1, 2] }], randomSequence(key))
      const order = step?.order.join('') ?? ''
      places.set(order, (places.get(order) ?? 0) + 1)
    }
    expect(places.size).toBe(6)
    for (const count of places.values()) expect(Math.abs(count - 100)).toBeLessThan(5 * Math.sqrt(100))
  })
})

test('shuffling keeps every value and leaves the list as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), seed, (values, key) => {
      const before = [...values]
      const after = shuffled(values, randomSequence(key))
      expect(after.toSorted((a, b) => a - b)).toEqual(before.toSorted((a, b) => a - b))
      expect(values).toEqual(before)
    }),
  )
})

describe('the arguments of a slice', () => {
  const shape = fc.record({
    samplesPerSlice: fc.integer({ min: 1, max: 12 }),
    statementsPerSample: fc.integer({ min: 1, max: 4 }),
    firstBlock: fc.integer({ min: 0, max: 9 }),
  })

  test('are windows that follow one another and wrap around', () => {
    fc.assert(
      fc.property(
        shape,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 6 }),
        (slice, count, blocks) => {
          const windows = Array.from({ length: blocks }, (_, i) =>
            sliceArguments(rows(count), slice, slice.firstBlock + i),
          )
          const length = slice.samplesPerSlice * slice.statementsPerSample
          expect(windows.map((window) => window.length)).toEqual(windows.map(() => length))
          expect(windows.flat().map(([value]) => value)).toEqual(
            Array.from({ length: length * blocks }, (_, i) => i % count),
          )
        },
      ),
    )
  })

  test('are the same for every variant of a block', () => {
    const slice = { samplesPerSlice: 3, statementsPerSample: 2, firstBlock: 4 }
    expect(sliceArguments(rows(8), slice, 5)).toEqual([[6], [7], [0], [1], [2], [3]])
    expect(sliceArguments(rows(8), slice, 5)).toEqual(sliceArguments(rows(8), slice, 5))
  })
})

describe('spreadSteps', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
  const operations = (blocks: readonly number[]) =>
    blocks.map((count) => ({ variants: [0, 1], blocks: count, firstBlock: 3 }))

  test('has every block of every operation once, in its order', () => {
    fc.assert(
      fc.property(counts, fc.integer(), (blocks, seed) => {
        const steps = spreadSteps(operations(blocks), randomSequence(seed))
        blocks.forEach((count, operation) => {
          const own = steps.filter((step) => step.operation === operation).map(({ block }) => block)
          expect(own).toEqual(Array.from({ length: count }, (_, i) => 3 + i))
        })
        for (const { order } of steps) expect(order.toSorted((a, b) => a - b)).toEqual([0, 1])
      }),
    )
  })

  test('has done about the same share of every operation wherever it is cut off', () => {
    fc.assert(
      fc.property(counts, fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (blocks, seed, cut) => {
        const steps = spreadSteps(operations(blocks), randomSequence(seed))
        const done = steps.slice(0, Math.floor(steps.length * cut))
        const shares = blocks.map((count, operation) => {
          const own = done.filter((step) => step.operation === operation).length
          return { low: (own - 1) / count, high: (own + 1) / count }
        })
        const latestLow = Math.max(...shares.map(({ low }) => low))
        const earliestHigh = Math.min(...shares.map(({ high }) => high))
        expect(latestLow).toBeLessThanOrEqual(earliestHigh + 1e-9)
      }),
    )
  })
})
