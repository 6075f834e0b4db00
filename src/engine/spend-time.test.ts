import { describe, expect, test } from 'vitest'
import type { Operation } from '../scenario/scenario.ts'
import type { DrawnOperation } from './drawn-operation.ts'
import { sideKey } from './plan-round.ts'
import { spendTime } from './spend-time.ts'

const variants = [{ id: 'a' }, { id: 'b' }]
const drawn = (id: string): DrawnOperation => ({
  operation: { id, kind: 'read' } as unknown as Operation,
  args: [],
  variants: [0, 1],
})
const open = ['quick', 'slow'].map(drawn)
const ms = (value: number): number => value * 1e6
const medians = new Map([
  [sideKey('quick', 'a'), ms(0.01)],
  [sideKey('quick', 'b'), ms(0.02)],
  [sideKey('slow', 'a'), ms(1)],
  [sideKey('slow', 'b'), ms(20)],
])
const nothing = new Set<string>()
const sum = (times: ReadonlyMap<string, number>): number =>
  [...times.values()].reduce((total, each) => total + each, 0)

describe('the time of a round', () => {
  test('is divided alike, and used up where it is of use', () => {
    const times = spendTime(open, variants, medians, { roundMs: 200, claimed: nothing })
    expect(sum(times)).toBeCloseTo(200, 0)
    // 2,300 samples of 10 µs: more would tell nothing that is shown.
    expect(times.get(sideKey('quick', 'a'))).toBeCloseTo(23, 0)
    expect(times.get(sideKey('slow', 'a'))).toBeCloseTo(51, 0)
  })

  test('gives every variant 4 samples, whatever that costs', () => {
    const times = spendTime(open, variants, medians, { roundMs: 1, claimed: nothing })
    expect(times.get(sideKey('slow', 'b'))).toBe(80)
    expect(times.get(sideKey('quick', 'a'))).toBeGreaterThanOrEqual(0.04)
  })

  test('goes first to what a claim speaks of, until a 95th percentile has its samples', () => {
    const claimed = new Set([sideKey('slow', 'a')])
    const times = spendTime(open, variants, medians, { roundMs: 800, claimed })
    expect(times.get(sideKey('slow', 'a'))).toBeCloseTo(460, 0)
    expect(sum(times)).toBeLessThanOrEqual(801)
  })
})
