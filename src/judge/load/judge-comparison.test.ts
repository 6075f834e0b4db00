import { describe, expect, test } from 'vitest'
import { sampleComparison } from '../../../fixtures/runs/sample-comparison.ts'
import type { ComparedPair } from '../../run/comparison-verdict.ts'
import type { ComparisonSlice, LoadComparison } from '../../run/load/load-comparison.ts'
import { comparisonExitCode, judgeComparison } from './judge-comparison.ts'

/** A request takes 100 µs on the baseline, and so much less on the other variant. */
const faster = (times: number): LoadComparison =>
  sampleComparison({ serviceUs: (_load, variant) => (variant === 'baseline' ? 100 : 100 / times) })

const pairOf = (run: LoadComparison, load: string): ComparedPair =>
  judgeComparison(run).pairs.find((pair) => pair.load === load && pair.op === null)!

const changed = (
  run: LoadComparison,
  change: (slice: ComparisonSlice) => Partial<ComparisonSlice>,
): LoadComparison => ({ ...run, slices: run.slices.map((slice) => ({ ...slice, ...change(slice) })) })

describe('throughput', () => {
  test('is requests over the time of slices, and its ratio is of neighbouring slices', () => {
    const { ratio, status, perSec, requests } = pairOf(faster(2), 'reads')
    expect(ratio).toMatchObject({ state: 'measured', rounds: 7, interval: { estimate: 2, low: 2, high: 2 } })
    expect(status).toBe('faster')
    expect(perSec).toEqual({ variant: 20_000, versus: 10_000 })
    expect(requests).toEqual({ variant: 7000, versus: 7000 })
  })

  test('drift of the machine from round to round cancels', () => {
    const run = sampleComparison({
      serviceUs: (_load, variant, round) => (variant === 'baseline' ? 100 : 50) * (1 + round),
    })
    expect(pairOf(run, 'reads').ratio).toMatchObject({ interval: { estimate: 2, low: 2, high: 2 } })
  })

  test('with fewer than six rounds there is an estimate and no interval', () => {
    const run = sampleComparison({ rounds: 5 })
    expect(pairOf(run, 'reads')).toMatchObject({
      ratio: { state: 'too-few-rounds', rounds: 5 },
      status: 'inconclusive',
    })
    expect(judgeComparison(run).claims.map(({ status }) => status)).toEqual(['inconclusive'])
  })
})

describe('the claim of doubled throughput', () => {
  test.each([
    [2.5, 'confirmed'],
    [2, 'confirmed'],
    [1.6, 'partly'],
    [1.2, 'refuted'],
    [0.8, 'refuted'],
  ] as const)('%f times as much: %s', (times, word) => {
    expect(judgeComparison(faster(times)).claims.map((claim) => claim.status)).toEqual([word])
  })

  test('is partly true when it holds for one load and not for the other', () => {
    const { claims } = judgeComparison(sampleComparison())
    expect(claims[0]?.parts.map(({ status }) => status)).toEqual(['refuted', 'confirmed'])
    expect(claims[0]?.status).toBe('partly')
  })
})

describe('arrivals at a fixed rate', () => {
  const model = { kind: 'open-model', ratePerSec: 500, spacing: 'uniform' } as const

  test('are compared by P95, of all requests and of each kind', () => {
    const run = sampleComparison()
    const rate = { ...run, settings: { ...run.settings, model }, claims: [] }
    const verdict = judgeComparison(rate)
    expect(verdict.quantity).toBe('p95')
    const reads = verdict.pairs.filter(({ load }) => load === 'reads')
    expect(reads.map(({ op }) => op)).toEqual([null, 'user-list', 'evaluations', 'score'])
    expect(reads[0]).toMatchObject({ status: 'faster', ratio: { state: 'measured' } })
    // The sample has no rows of single kinds.
    expect(reads[1]?.ratio).toEqual({ state: 'nothing' })
  })
})

describe('an invalid comparison', () => {
  test('requests failed', () => {
    const run = sampleComparison()
    const verdict = judgeComparison(changed(run, ({ variant }) => ({ failed: variant === 1 ? 2 : 0 })))
    expect(verdict.invalid[0]).toBe('14 of 7,000 requests of review failed on composite')
    expect(verdict.claims.map(({ status }) => status)).toEqual(['not-measured'])
    expect(comparisonExitCode(verdict, run)).toBe(4)
  })

  test('the sender was saturated by a mix', () => {
    const run = sampleComparison()
    const { invalid } = judgeComparison(
      changed(run, ({ load }) => ({ senderCpuShare: load === 1 ? 0.97 : 0.4 })),
    )
    expect(invalid).toEqual([expect.stringContaining('saturated by reads on composite')])
  })

  test('a request alone may saturate it: that pair is doubtful, and no other', () => {
    const run = sampleComparison()
    const { invalid, pairs } = judgeComparison(
      changed(run, ({ load }) => ({ senderCpuShare: load === 3 ? 0.97 : 0.4 })),
    )
    expect(invalid).toEqual([])
    expect(pairs.flatMap(({ load, doubt }) => (doubt === '' ? [] : [load]))).toEqual(['create alone'])
  })

  test('acknowledged rows are not there, or more than were acknowledged', () => {
    const run = sampleComparison()
    const rows = [
      { variant: 'baseline', table: 'prompts', acknowledged: 100, found: 99 },
      { variant: 'composite', table: 'prompts', acknowledged: 100, found: 101 },
    ]
    expect(judgeComparison({ ...run, rows }).invalid).toHaveLength(2)
  })
})

test('exit codes: answers are no failures, an interruption has its own', () => {
  const run = faster(0.5)
  expect(comparisonExitCode(judgeComparison(run), run)).toBe(0)
  expect(comparisonExitCode(judgeComparison(run), { ...run, status: 'partial' })).toBe(130)
})
