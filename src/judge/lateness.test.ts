import { describe, expect, test } from 'vitest'
import { sampleLoadRun } from '../../fixtures/runs/sample-load-run.ts'
import { judgeLoad } from './load.ts'

const sample = sampleLoadRun()

const late = (p99Ms: number, expression: string, metric = 'http_req_duration'): string =>
  judgeLoad({
    ...sample,
    measurement: {
      ...sample.measurement,
      lateness: { samples: 9000, p50Ns: 1e6, p99Ns: p99Ms * 1e6, maxNs: 1e9 },
    },
    thresholds: [{ metric, expression }],
  }).word

describe('a limit on lateness', () => {
  test('is 5 % of the smallest latency asked for, and 2 ms at least, where that latency does not hold', () => {
    expect([late(1.9, 'p(95)<1'), late(2.1, 'p(95)<1')]).toEqual(['fail', 'invalid'])
  })

  test('is half of that latency where it holds although the lateness is in it', () => {
    expect([late(249, 'p(95)<500'), late(251, 'p(95)<500')]).toEqual(['pass', 'invalid'])
  })

  test('stays small where the threshold does not see the lateness', () => {
    expect([late(24.9, 'p(95)<500', 'service_time'), late(25.1, 'p(95)<500', 'service_time')]).toEqual([
      'pass',
      'invalid',
    ])
  })

  test('is 10 ms where no latency is asked for', () => {
    expect([late(9.9, 'max>=0'), late(10.1, 'max>=0')]).toEqual(['pass', 'invalid'])
  })
})
