import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import { describe, expect, test } from 'vitest'
import type { RoundResult, SliceResult } from '../measure/round-plan.ts'
import { TimingCollector } from './timings.ts'

const slice = (variant: string, rows: number, ...durations: readonly number[]): SliceResult => ({
  operation: 'Q1',
  variant,
  block: 4,
  order: 1,
  durationsNs: Float64Array.from(durations),
  rows,
})
const round = (round: number, ...slices: readonly SliceResult[]): RoundResult => ({
  round,
  slices,
  rssBytes: 0,
})
const rowsDiffer = expect.objectContaining({
  code: 'ROWS_DIFFER',
  exit: 4,
  message: expect.stringMatching(/^Q1: a gave 3 rows and b 2 for the same arguments/),
})

describe('TimingCollector', () => {
  test('keeps one row of columns a slice, and every sample in a histogram', () => {
    const collector = new TimingCollector()
    collector.add(round(1, slice('a', 3, 30, 10, 20)))
    collector.add(round(2, slice('a', 2, 5, 7)))
    const [timing, ...others] = collector.timings(() => '@libsql/client')
    expect(others).toEqual([])
    expect(timing).toMatchObject({
      operation: 'Q1',
      variant: 'a',
      driver: '@libsql/client',
      slices: {
        round: [1, 2],
        block: [4, 4],
        order: [1, 1],
        samples: [3, 2],
        sumNs: [60, 12],
        p50Ns: [20, 6],
      },
    })
    expect(decodeFromCompressedBase64(timing?.histogram ?? '').totalCount).toBe(5)
  })

  test('counts the rows of timed and untimed rounds, and the times of timed ones only', () => {
    const collector = new TimingCollector()
    collector.addUntimed(round(0, slice('a', 5, 1)))
    collector.add(round(1, slice('a', 3, 1)))
    expect(collector.rows('Q1', 'a')).toBe(8)
    expect(collector.rows('Q1', 'b')).toBe(0)
    expect(collector.timings(() => 'libsql').map(({ slices }) => slices.round)).toEqual([[1]])
  })

  test('refuses a round in which variants gave different numbers of rows, and keeps none of it', () => {
    const wrong = round(1, slice('a', 3, 1), slice('b', 2, 1))
    const collector = new TimingCollector()
    expect(() => collector.add(wrong)).toThrow(rowsDiffer)
    expect(() => collector.addUntimed(wrong)).toThrow(rowsDiffer)
    expect(collector.timings(() => 'libsql')).toEqual([])
    expect(collector.rows('Q1', 'a')).toBe(0)
  })

  test('compares rows within a block, not between blocks or operations', () => {
    const collector = new TimingCollector()
    const other = { ...slice('b', 2, 1), block: 5 }
    collector.add(round(1, slice('a', 3, 1), other, { ...slice('b', 9, 1), operation: 'Q2' }))
    expect(collector.timings(() => 'libsql')).toHaveLength(3)
  })
})
