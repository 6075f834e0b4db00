import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeLatencies, mergeLatencies } from '../../stats/latency-counts.ts'
import { LatencyHistogram } from '../../stats/latency-histogram.ts'
import type { Outcome } from './outcomes.ts'
import { RequestLog } from './request-log.ts'

const answered = { ending: 'answered', status: 200, isExpected: true } as const

const outcome = fc
  .tuple(
    fc.oneof(
      fc.constant(answered),
      fc.constant({ ending: 'answered', status: 503, isExpected: false } as const),
      fc
        .constantFrom('refused', 'timedOut', 'closed', 'broken', 'abandoned', 'neverSent')
        .map((ending) => ({ ending, status: 0, isExpected: false }) as const),
    ),
    fc.record({
      op: fc.constantFrom('list', 'create'),
      // In any order: an answer may come long after its second.
      second: fc.nat(60),
      serviceNs: fc.integer({ min: 0, max: 5e9 }),
      responseNs: fc.integer({ min: 0, max: 5e9 }),
    }),
  )
  .map(([ended, request]): Omit<Outcome, 'latenessNs'> => ({ ...ended, ...request }))

const latencies = (values: readonly number[]) => {
  const histogram = new LatencyHistogram()
  for (const value of values) histogram.record(value)
  return decodeLatencies(histogram.toBase64())
}

describe('the log of requests', () => {
  test('has every request in one column of the accounting, and every one that ended in one slice', () => {
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 200 }), (all) => {
        const log = new RequestLog(5)
        for (const each of all) log.add(each)
        for (const { op, planned, sent, neverSent, answered, ...rest } of log.accounting()) {
          const ended = [...Object.values(answered), ...Object.values(rest)].reduce((sum, n) => sum + n, 0)
          expect(ended).toBe(sent)
          expect(sent + neverSent).toBe(planned)
          expect(planned).toBe(all.filter((each) => each.op === op).length)
        }
        const slices = log.slices()
        expect(new Set(slices.map(({ second, op }) => `${second} ${op}`)).size).toBe(slices.length)
        expect(slices.map(({ second }) => second)).toEqual(
          slices.map(({ second }) => second).toSorted((a, b) => a - b),
        )
        const inSlices = all.filter(({ ending }) => ending !== 'neverSent' && ending !== 'abandoned')
        expect(slices.reduce((sum, { requests }) => sum + requests, 0)).toBe(inSlices.length)
        for (const { second, op, phase, requests, failed, service, response, failures } of slices) {
          const own = inSlices.filter((each) => each.second === second && each.op === op)
          const failing = own.filter(({ isExpected }) => !isExpected)
          expect([phase, requests, failed]).toEqual([
            second < 5 ? 'warm-up' : 'measured',
            own.length,
            failing.length,
          ])
          expect(decodeLatencies(service)).toEqual(latencies(own.map(({ serviceNs }) => serviceNs)))
          expect(decodeLatencies(response!)).toEqual(latencies(own.map(({ responseNs }) => responseNs!)))
          expect(failures === undefined).toBe(failed === 0)
          if (failures !== undefined) {
            expect(decodeLatencies(failures.service)).toEqual(
              latencies(failing.map(({ serviceNs }) => serviceNs)),
            )
          }
        }
      }),
      { numRuns: 40 },
    )
  })

  test('has no response times where the tool knows none', () => {
    const log = new RequestLog(0)
    log.add({ op: 'list', ...answered, second: 0, serviceNs: 1e6, responseNs: null })
    expect(log.slices().map(({ response }) => response)).toEqual([null])
  })

  test('keeps the histograms of few seconds at a time', () => {
    const log = new RequestLog(0)
    const add = (second: number) =>
      log.add({ op: 'list', ...answered, second, serviceNs: 1e8, responseNs: 2e8 })
    setFlagsFromString('--expose_gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const bytes = () => (collectGarbage(), process.memoryUsage().arrayBuffers)
    const before = bytes()
    for (let second = 0; second < 2000; second += 1) add(second)
    // 2,000 seconds of two open histograms each would be 350 MB.
    expect(bytes() - before).toBeLessThan(100e6)
    add(0)
    const slices = log.slices()
    expect(slices).toHaveLength(2000)
    expect(slices[0]?.requests).toBe(2)
    expect(mergeLatencies(slices.map(({ service }) => decodeLatencies(service))).samples).toBe(2001)
  })
})
