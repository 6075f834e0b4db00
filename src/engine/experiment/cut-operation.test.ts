import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutOperation, leadInSamples } from './cut-operation.ts'

const settings = { sliceMs: 20, warmupMs: 60 }
const medianNs = fc.double({ min: 100, max: 10e9, noNaN: true })
const roundMs = fc.double({ min: 0, max: 5000, noNaN: true })
const side = fc.record({ medianNs, roundMs })

describe('an operation is cut into blocks', () => {
  test('of slices of 20 ms where calls are fast', () => {
    const fast = { medianNs: 20_000, roundMs: 500 }
    expect(cutOperation([fast, fast], settings)).toMatchObject({
      blocks: 25,
      sides: [1, 2].map(() => ({
        blocks: 25,
        samplesPerSlice: 1000,
        leadInSamples: 500,
        warmupSamples: 3000,
      })),
    })
  })

  test('in which a slow variant takes nothing from a fast one', () => {
    const fast = { medianNs: 20_000, roundMs: 40 }
    const slow = { medianNs: 25e6, roundMs: 40 }
    const [alone] = cutOperation([fast], settings).sides
    const { blocks, sides } = cutOperation([fast, slow], settings)
    expect(blocks).toBe(4)
    expect(sides[1]).toMatchObject({ blocks: 4, samplesPerSlice: 1, leadInSamples: 0 })
    const samples = (each = sides[0]): number => (each?.blocks ?? 0) * (each?.samplesPerSlice ?? 0)
    expect(samples()).toBeGreaterThanOrEqual(samples(alone))
  })

  test('in which a fast variant beside one of many slices has a slice in each of them', () => {
    const { blocks, sides } = cutOperation(
      [
        { medianNs: 500_000, roundMs: 600 },
        { medianNs: 20_000, roundMs: 20 },
      ],
      settings,
    )
    expect(blocks).toBe(30)
    expect(sides[1]).toMatchObject({ blocks: 30, samplesPerSlice: 500 })
  })

  test('and each variant has the samples of its time, at least 4', () => {
    fc.assert(
      fc.property(fc.array(side, { minLength: 1, maxLength: 5 }), (wanted) => {
        const { blocks, sides } = cutOperation(wanted, settings)
        sides.forEach((cut, index) => {
          const { medianNs: ns, roundMs: ms } = wanted[index] ?? { medianNs: 1, roundMs: 1 }
          const samples = cut.blocks * cut.samplesPerSlice
          expect(cut.blocks).toBeLessThanOrEqual(blocks)
          expect(samples).toBeGreaterThanOrEqual(Math.max(4, Math.round((ms * 1e6) / ns)))
          expect(cut.warmupSamples).toBeGreaterThanOrEqual(1)
        })
      }),
    )
  })

  test('and a write spends no more than a third of its transactions on lead-ins, however short slices are', () => {
    const write = { medianNs: 700_000, roundMs: 100, mostSamples: 40 }
    for (const sliceMs of [8, 16, 50, 300]) {
      const [cut] = cutOperation([write], { sliceMs, warmupMs: 4 }).sides
      expect(cut).toMatchObject({ blocks: 1, samplesPerSlice: 27, leadInSamples: 13, warmupSamples: 0 })
    }
  })

  test('and a write never needs more transactions than there are, and warms nothing up', () => {
    const write = fc.record({ medianNs, roundMs, mostSamples: fc.integer({ min: 2, max: 1000 }) })
    fc.assert(
      fc.property(fc.array(write, { minLength: 1, maxLength: 3 }), (wanted) => {
        cutOperation(wanted, settings).sides.forEach((cut, index) => {
          const used = cut.blocks * (cut.samplesPerSlice + cut.leadInSamples)
          const most = wanted[index]?.mostSamples ?? 0
          expect(used).toBeLessThanOrEqual(most)
          expect(cut.samplesPerSlice).toBeGreaterThanOrEqual(1)
          expect(cut.warmupSamples).toBe(0)
        })
      }),
    )
  })
})

test('the lead-in lasts 10 ms, until caches are the own ones: a slow call is steady after one, or at once', () => {
  expect([10_000, 100_000, 1e6, 9e6, 11e6, 30e6].map(leadInSamples)).toEqual([1000, 100, 10, 1, 1, 0])
})
