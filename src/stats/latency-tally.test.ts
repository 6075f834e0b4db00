import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeLatencies, type LatencyCounts } from './latency-counts.ts'
import { LatencyTally } from './latency-tally.ts'

const part = fc
  .uniqueArray(fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constant(Infinity)), { maxLength: 8 })
  .chain((values) =>
    fc
      .array(fc.integer({ min: 1, max: 9 }), { minLength: values.length, maxLength: values.length })
      .map((counts): LatencyCounts => {
        const valuesNs = values.toSorted((a, b) => a - b)
        return { valuesNs, counts, samples: counts.reduce((sum, count) => sum + count, 0) }
      }),
  )

test('holds what was added and not taken away again, as a merge of it would', () => {
  fc.assert(
    fc.property(fc.array(part), fc.nat(), (parts, pick) => {
      const gone = parts.length === 0 ? 0 : pick % (parts.length + 1)
      const tally = new LatencyTally(parts)
      for (const each of parts) tally.add(each)
      for (const each of parts.slice(0, gone)) tally.remove(each)
      expect(tally.counts()).toEqual(mergeLatencies(parts.slice(gone)))
      expect(tally.samples).toBe(mergeLatencies(parts.slice(gone)).samples)
    }),
  )
})

test('refuses what it was not told of', () => {
  const unknown = { valuesNs: [7], counts: [1], samples: 1 }
  expect(() => new LatencyTally([]).add(unknown)).toThrow(RangeError)
})
