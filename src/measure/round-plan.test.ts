import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomSequence } from '../random/random.ts'
import { planSteps } from './round-plan.ts'

const operation = fc
  .record({ blocks: fc.integer({ min: 1, max: 40 }), sides: fc.array(fc.nat({ max: 40 }), { maxLength: 6 }) })
  .map(({ blocks, sides }) => ({
    blocks,
    sides: sides.map((slices) => ({ blocks: Math.min(slices, blocks) })),
  }))
const operations = fc.array(operation, { maxLength: 6 })
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 })

describe('the steps of a round', () => {
  test('visit every block of every operation once, in its order', () => {
    fc.assert(
      fc.property(operations, seed, (all, key) => {
        const steps = planSteps(all, randomSequence(key))
        all.forEach(({ blocks }, index) => {
          const own = steps.filter((step) => step.operation === index).map(({ block }) => block)
          expect(own).toEqual(Array.from({ length: blocks }, (_, i) => i))
        })
      }),
    )
  })

  test('give every variant the slices that it has, one a block, spread evenly over the blocks', () => {
    fc.assert(
      fc.property(operations, seed, (all, key) => {
        const steps = planSteps(all, randomSequence(key))
        all.forEach(({ blocks, sides }, index) => {
          sides.forEach((side, place) => {
            const own = steps
              .filter((step) => step.operation === index && step.order.includes(place))
              .map(({ block }) => block)
            expect(own).toHaveLength(side.blocks)
            expect(new Set(own).size).toBe(side.blocks)
            const gaps = own.slice(1).map((block, i) => block - (own[i] ?? 0))
            for (const gap of gaps) expect(Math.abs(gap - blocks / side.blocks)).toBeLessThan(1)
          })
        })
      }),
    )
  })

  test('have done about the same share of every operation wherever they are cut off', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(operations, seed, share, (all, key, cut) => {
        const steps = planSteps(all, randomSequence(key))
        const done = steps.slice(0, Math.floor(steps.length * cut))
        const shares = all.map(({ blocks }, index) => {
          const own = done.filter((step) => step.operation === index).length
          return { low: (own - 1) / blocks, high: (own + 1) / blocks }
        })
        const latestLow = Math.max(...shares.map(({ low }) => low))
        const earliestHigh = Math.min(...shares.map(({ high }) => high))
        if (all.length > 0) expect(latestLow).toBeLessThanOrEqual(earliestHigh + 1e-9)
      }),
    )
  })

  test('are the same for the same seed, and others for another', () => {
    const all = [0, 1, 2].map(() => ({ blocks: 3, sides: [3, 3, 3, 3].map((blocks) => ({ blocks })) }))
    const plan = (key: number): unknown => planSteps(all, randomSequence(key))
    expect(plan(1)).toEqual(plan(1))
    expect(plan(1)).not.toEqual(plan(2))
  })

  test('put every variant at every place of a block about equally often', () => {
    const places = new Map<string, number>()
    for (let key = 0; key < 600; key++) {
      const [step] = planSteps(
        [{ blocks: 1, sides: [1, 1, 1].map((blocks) => ({ blocks })) }],
        randomSequence(key),
      )
      const order = step?.order.join('') ?? ''
      places.set(order, (places.get(order) ?? 0) + 1)
    }
    expect(places.size).toBe(6)
    for (const count of places.values()) expect(Math.abs(count - 100)).toBeLessThan(5 * Math.sqrt(100))
  })
})
