import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RoundVariant } from '../measure/round-plan.ts'
import type { ReadOperation } from '../scenario/scenario.ts'
import { planGateRound, roundRoles, slowerMedians } from './gate-round-work.ts'
import { defaultGateSampling } from './gate-sampling.ts'
import type { DrawnOperation } from './drawn-operation.ts'

const side = (id: string): RoundVariant => ({ id, driver: 'libsql', readPath: `${id}.db`, writePath: null })
const operation: ReadOperation = {
  kind: 'read',
  id: 'Q1',
  title: 'by id',
  sql: 'SELECT 1',
  draw: { table: 'prompts', columns: ['id'] },
  rows: { min: 1, max: 1 },
}
const tuples = (name: string): readonly (readonly [string])[] =>
  Array.from({ length: 512 }, (_, i) => [`${name} ${i}`] as const)
const drawn: DrawnOperation = {
  operation,
  args: [tuples('baseline'), tuples('candidate')],
  variants: [0, 1],
}
const planOf = (round: number, seed: number) =>
  planGateRound(
    round,
    [side('baseline'), side('candidate')],
    [drawn],
    new Map([['Q1', 50_000]]),
    defaultGateSampling,
    seed,
  )

describe('the roles of the sides', () => {
  test('are the same for the same seed and round, and a fair toss over rounds', () => {
    const firsts = Array.from({ length: 4000 }, (_, round) => roundRoles(5, round)[0])
    expect(firsts).toEqual(Array.from({ length: 4000 }, (_, round) => roundRoles(5, round)[0]))
    const share = firsts.filter((first) => first === 0).length / firsts.length
    // Five standard errors of a fair coin.
    expect(Math.abs(share - 0.5)).toBeLessThan(0.04)
  })

  test('are a fair toss over seeds as well, in the first round as in the last', () => {
    for (const round of [1, 8, 18]) {
      const firsts = Array.from({ length: 4000 }, (_, seed) => roundRoles(seed, round)[0])
      expect(Math.abs(firsts.filter((first) => first === 0).length / 4000 - 0.5)).toBeLessThan(0.04)
    }
  })
})

describe('the plan of a gate round', () => {
  test('gives each side its own arguments, whatever its role', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 18 }), fc.nat(1000), (round, seed) => {
        const plan = planOf(round, seed)
        plan.variants.forEach(({ id }, index) => {
          expect(plan.operations[0]?.args[index]?.[0]?.[0]).toMatch(new RegExp(`^${id} `))
        })
        expect(plan.variants.map(({ id }) => id).toSorted()).toEqual(['baseline', 'candidate'])
      }),
    )
  })

  test('gives both sides the same logical arguments, others in the next round', () => {
    const first = (round: number) =>
      planOf(round, 3).operations[0]?.args.map((args) => String(args[0]?.[0]).split(' ')[1])
    expect(new Set(first(1)).size).toBe(1)
    expect(first(1)).not.toEqual(first(2))
  })

  test('takes either side first in about half of the pairs', () => {
    const orders = Array.from({ length: 50 }, (_, seed) => planOf(1, seed).steps).flat()
    const share = orders.filter(({ order }) => order[0] === 0).length / orders.length
    expect(orders.length).toBeGreaterThan(1000)
    expect(Math.abs(share - 0.5)).toBeLessThan(0.08)
  })
})

describe('the pilot', () => {
  test('tells the median of the slower side of each operation', () => {
    const slice = (variant: string, ...durations: readonly number[]) => ({
      operation: 'Q1',
      variant,
      block: 0,
      order: 0,
      rows: 1,
      durationsNs: Float64Array.from(durations),
    })
    const slices = [slice('baseline', 5, 1, 3), slice('candidate', 9, 7, 8)]
    expect(slowerMedians({ round: 0, rssBytes: 0, slices })).toEqual(new Map([['Q1', 8]]))
  })
})
