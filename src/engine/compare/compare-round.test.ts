import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { paceOf } from './compare-round.ts'

const peak = { model: { kind: 'peak' }, sliceSeconds: 0.1 } as const

describe('paceOf', () => {
  test('fills the time of a slice with requests of the slowest variant', () => {
    expect(paceOf(peak, 0.2e6, 3)).toEqual({ requestsPerSlice: 500, blocksPerRound: 3, warmUpRequests: 250 })
  })

  test('a load too slow for a slice has its fewest requests, fewer blocks and a short warm-up', () => {
    expect(paceOf(peak, 100e6, 3)).toEqual({ requestsPerSlice: 32, blocksPerRound: 1, warmUpRequests: 8 })
  })

  test('at a fixed rate a slice is as long as it is, however slow a request', () => {
    const model = { kind: 'open-model', ratePerSec: 400, spacing: 'uniform' } as const
    expect(paceOf({ model, sliceSeconds: 0.5 }, 100e6, 3)).toMatchObject({
      requestsPerSlice: 200,
      blocksPerRound: 3,
    })
  })

  test('every load has requests, a block and a warm-up', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e10, noNaN: true }),
        fc.integer({ min: 1, max: 9 }),
        (ns, blocks) => {
          const { requestsPerSlice, blocksPerRound, warmUpRequests } = paceOf(peak, ns, blocks)
          expect(requestsPerSlice).toBeGreaterThanOrEqual(32)
          expect(blocksPerRound).toBeGreaterThanOrEqual(1)
          expect(blocksPerRound).toBeLessThanOrEqual(blocks)
          expect(warmUpRequests).toBeGreaterThanOrEqual(8)
        },
      ),
    )
  })
})
