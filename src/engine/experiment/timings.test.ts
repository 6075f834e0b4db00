import { describe, expect, test } from 'vitest'
import type { RoundResult, SliceResult } from '../../measure/round-plan.ts'
import { decodeSamples } from '../../stats/encoded-samples.ts'
import { refuseUnequalRows, TimingCollector } from './timings.ts'

const slice = (variant: string, ...durations: readonly number[]): SliceResult => ({
  operation: 'Q1',
  variant,
  block: 4,
  order: 1,
  firstNs: 99,
  durationsNs: Float64Array.from(durations),
  rows: 3,
})
const round = (number: number, ...slices: readonly SliceResult[]): RoundResult => ({
  round: number,
  slices,
  mismatch: null,
  rssBytes: 0,
})

describe('TimingCollector', () => {
  test('keeps every sample of every slice, by round', () => {
    const collector = new TimingCollector()
    collector.add(round(1, slice('a', 30, 10, 20), slice('b', 4)))
    collector.add(round(2, slice('a', 5, 7)))
    const [timing, other] = collector.timings(() => '@libsql/client')
    expect(timing).toMatchObject({
      operation: 'Q1',
      variant: 'a',
      driver: '@libsql/client',
      rounds: [
        { round: 1, slices: [{ block: 4, order: 1, firstNs: 99 }] },
        { round: 2, slices: [{ block: 4, order: 1, firstNs: 99 }] },
      ],
    })
    expect(timing?.rounds.map(({ slices }) => [...decodeSamples(slices[0]?.samplesNs ?? '')])).toEqual([
      [10, 20, 30],
      [5, 7],
    ])
    expect(other).toMatchObject({ variant: 'b', rounds: [{ round: 1 }] })
  })
})

test('a round in which variants gave different numbers of rows is refused', () => {
  const mismatch = { operation: 'Q1', variant: 'b', rows: 2, other: 'a', otherRows: 3 }
  expect(() => refuseUnequalRows({ ...round(1), mismatch })).toThrow(
    expect.objectContaining({
      code: 'ROWS_DIFFER',
      exit: 4,
      message: expect.stringMatching(/^Q1: a gave 3 rows and b 2 for the same arguments/),
    }),
  )
  expect(() => refuseUnequalRows(round(1))).not.toThrow()
})
