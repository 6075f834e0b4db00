import { describe, expect, test } from 'vitest'
import type { RoundResult, RoundVariant, SliceResult } from '../../measure/round-plan.ts'
import type { Operation } from '../../scenario/scenario.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'
import { mediansOf, planRound, roundOrder, sideKey, type RoundSpending } from './plan-round.ts'

const variant = (id: string): RoundVariant => ({ id, driver: 'libsql', readPath: id, writePath: null })
const variants = [variant('a'), variant('b'), variant('c')]
const tuples = (name: string) => Array.from({ length: 6 }, (_, index) => [`${name}${index}`])
const drawn = (operation: unknown, ...ids: readonly string[]): DrawnOperation => {
  const shared = operation as Operation
  const sides = ids.map((id) => ({ variant: id, operation: shared, args: tuples(id) }))
  return { operation: shared, sides }
}
const read = drawn({ id: 'Q1', kind: 'read', sql: 'SELECT 1' }, 'a', 'c')
const write = drawn({ id: 'W1', kind: 'write', sql: 'INSERT', statementsPerTransaction: 2 }, 'b')
const spending: RoundSpending = {
  times: new Map([
    [sideKey('Q1', 'a'), 10],
    [sideKey('Q1', 'c'), 40],
    [sideKey('W1', 'b'), 10],
  ]),
  sliceMs: 10,
  warmupMs: 1,
  longestRound: 2,
}
const medians = new Map([
  [sideKey('Q1', 'a'), 1e6],
  [sideKey('Q1', 'c'), 1e6],
  [sideKey('W1', 'b'), 1e6],
])
const plan = (round: number) =>
  planRound(round, roundOrder(variants, 7, round), [read, write], medians, spending, 7)

describe('the plan of a round', () => {
  test('opens variants in an order drawn for every round', () => {
    const orders = [1, 2, 3, 4, 5, 6].map((round) =>
      plan(round)
        .variants.map(({ id }) => id)
        .join(''),
    )
    expect(new Set(orders).size).toBeGreaterThan(1)
    for (const order of orders)
      expect(
        order
          .split('')
          .toSorted((a, b) => a.localeCompare(b))
          .join(''),
      ).toBe('abc')
    expect(plan(1)).toEqual(plan(1))
  })

  test('gives each variant its own samples and its own form of the same arguments', () => {
    const sides = plan(1).operations[0]?.sides ?? []
    const byVariant = new Map(sides.map((side) => [side.variant, side]))
    expect(new Set(byVariant.keys())).toEqual(new Set(['a', 'c']))
    const [a, c] = [byVariant.get('a'), byVariant.get('c')]
    expect([a, c].map((side) => (side?.blocks ?? 0) * (side?.samplesPerSlice ?? 0))).toEqual([20, 40])
    const indexes = (side = a) => side?.args.map(([value]) => String(value).slice(1))
    expect(indexes(a)).toEqual(indexes(c))
    expect(indexes(a)?.toSorted()).toEqual(['0', '1', '2', '3', '4', '5'])
    expect(String(c?.args[0]?.[0])).toMatch(/^c/)
  })

  test('walks through the arguments of a read in another order every round', () => {
    const order = (round: number) =>
      plan(round).operations[0]?.sides[0]?.args.map(([value]) => String(value).slice(1))
    expect(order(1)).not.toEqual(order(2))
  })

  test('uses no transaction of a write twice', () => {
    const [side] = plan(1).operations[1]?.sides ?? []
    expect(side?.args.map(([value]) => value)).toEqual(
      tuples('b')
        .map(([value]) => value)
        .slice(0, side?.args.length),
    )
    expect(
      (side?.blocks ?? 0) * ((side?.samplesPerSlice ?? 0) + (side?.leadInSamples ?? 0)),
    ).toBeLessThanOrEqual(3)
  })

  test('ends when it has taken twice its time', () => {
    // Of a: 4 slices of 5 samples; of c: 4 of 10; of W1: 1 of its 3 transactions, with the lead-ins of 10 ms.
    const plannedMs = 4 * (10 + 5) + 4 * (10 + 10) + 3
    expect(plan(1).timeLimitMs).toBe(2 * plannedMs)
  })
})

test('who is opened first is a fair toss over rounds', () => {
  const first = Array.from({ length: 400 }, (_, round) => roundOrder(['a', 'b'], 5, round)[0])
  const share = first.filter((id) => id === 'a').length / first.length
  expect(Math.abs(share - 0.5)).toBeLessThan(0.1)
})

test('medians are those of the slices of a round', () => {
  const slice = (...durations: readonly number[]): SliceResult => ({
    operation: 'Q1',
    variant: 'a',
    block: 0,
    order: 0,
    firstNs: null,
    durationsNs: Float64Array.from(durations),
    rows: 0,
  })
  const result: RoundResult = {
    round: 1,
    slices: [slice(1, 2, 90), slice(4), slice(6)],
    mismatch: null,
    rssBytes: 0,
  }
  expect(mediansOf(result)).toEqual(new Map([[sideKey('Q1', 'a'), 4]]))
})
