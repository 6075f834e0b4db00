import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutPairs, defaultGateSampling as sampling } from './gate-sampling.ts'

const medianNs = fc.double({ min: 100, max: 10e9, noNaN: true })

describe('cutPairs', () => {
  test('gives a fast operation slices of 20 ms and many pairs', () => {
    expect(cutPairs(20_000, sampling)).toEqual({
      pairs: 25,
      samplesPerPair: 1000,
      samplesPerTurn: 1000,
      warmupSamples: 3000,
    })
  })

  test('gives 200 samples to an operation that needs longer for them, sample by sample', () => {
    expect(cutPairs(500_000, sampling)).toMatchObject({ pairs: 5, samplesPerPair: 200, samplesPerTurn: 1 })
  })

  test('gives a slow operation one pair with what fits, and the fewest samples in the end', () => {
    expect(cutPairs(10e6, sampling)).toMatchObject({ pairs: 1, samplesPerPair: 50, samplesPerTurn: 1 })
    expect(cutPairs(1e9, sampling)).toMatchObject({ pairs: 1, samplesPerPair: 40, warmupSamples: 1 })
  })

  test('never goes below the fewest samples, and keeps to the time where they fit', () => {
    fc.assert(
      fc.property(medianNs, (ns) => {
        const { pairs, samplesPerPair, samplesPerTurn, warmupSamples } = cutPairs(ns, sampling)
        expect(pairs).toBeGreaterThanOrEqual(1)
        expect(warmupSamples).toBeGreaterThanOrEqual(1)
        expect([1, samplesPerPair]).toContain(samplesPerTurn)
        expect(samplesPerPair).toBeGreaterThanOrEqual(sampling.fewestSamples)
        const milliseconds = (2 * pairs * samplesPerPair * ns) / 1e6
        if (samplesPerPair > sampling.fewestSamples) {
          expect(milliseconds).toBeLessThanOrEqual(sampling.operationMs * 1.000001)
        }
      }),
    )
  })
})
