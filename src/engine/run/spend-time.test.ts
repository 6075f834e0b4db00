import { describe, expect, test } from 'vitest'
import type { Operation } from '../../scenario/scenario.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'
import { sideKey } from '../experiment/plan-round.ts'
import { spendTime } from './spend-time.ts'

const drawn = (id: string): DrawnOperation => {
  const operation = { id, kind: 'read' } as unknown as Operation
  return { operation, sides: ['a', 'b'].map((variant) => ({ variant, operation, args: [] })) }
}
const open = ['quick', 'slow'].map(drawn)
const ms = (value: number): number => value * 1e6
const medians = new Map([
  [sideKey('quick', 'a'), ms(0.01)],
  [sideKey('quick', 'b'), ms(0.02)],
  [sideKey('slow', 'a'), ms(1)],
  [sideKey('slow', 'b'), ms(20)],
])
const nothing = new Set<string>()
const cut = { sliceMs: 20, warmupMs: 5 }
/** Four sides warm up, and have a lead-in of 10 ms, or of one call of 20 ms, before every 20 ms. */
const cost = (times: ReadonlyMap<string, number>): number =>
  [...times].reduce((total, [key, ms]) => {
    const leadInMs = key === sideKey('slow', 'b') ? 20 : 10
    return total + ms + Math.max(ms / 20, 1) * leadInMs + 5
  }, 0)

describe('the time of a round', () => {
  test('is divided alike, and used up where it is of use', () => {
    const times = spendTime(open, medians, { ...cut, roundMs: 400, claimed: nothing })
    expect(cost(times)).toBeCloseTo(400, 0)
    // 2,300 samples of 10 µs: more would tell nothing that is shown.
    expect(times.get(sideKey('quick', 'a'))).toBeCloseTo(23, 0)
    // What is left of 400 after 20 of warming up, 34.5 and 69 of the quick ones and 160 of the slow one: with its lead-ins.
    expect(times.get(sideKey('slow', 'a'))).toBeCloseTo(116.5 / 1.5, 0)
  })

  test('gives every variant 4 samples, whatever that costs', () => {
    const times = spendTime(open, medians, { ...cut, roundMs: 1, claimed: nothing })
    expect(times.get(sideKey('slow', 'b'))).toBe(80)
    expect(times.get(sideKey('quick', 'a'))).toBeGreaterThanOrEqual(0.04)
  })

  test('goes first to what a claim speaks of, until a 95th percentile has its samples', () => {
    const claimed = new Set([sideKey('slow', 'a')])
    const times = spendTime(open, medians, { ...cut, roundMs: 1200, claimed })
    expect(times.get(sideKey('slow', 'a'))).toBeCloseTo(460, 0)
    expect(cost(times)).toBeLessThanOrEqual(1201)
  })
})
