import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RoundResult } from '../measure/round-plan.ts'
import { expandVariants, type MeasuredVariant } from '../scenario/expand.ts'
import type { StatisticsState, Variant } from '../scenario/scenario.ts'
import { comparisonGroups, pilotMedians, planRound, type DrawnOperation } from './round-work.ts'
import {
  blocksThatFit,
  samplesPerSlice,
  transactionsPerSlice,
  writeTuples,
  type Sampling,
} from './sampling.ts'

const sampling: Sampling = { rounds: 3, blocksPerRound: 2, sliceMs: 10 }
const ids = ['a', 'b', 'c', 'd', 'e']
const scenarios = fc
  .array(
    fc.record({
      statistics: fc.constantFrom<readonly StatisticsState[]>(['analyzed'], ['none'], ['analyzed', 'none']),
      versus: fc.nat(4),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((all) =>
    expandVariants({
      variants: all.map(({ statistics, versus }, i): Variant => ({
        id: ids[i] ?? '',
        title: '',
        role: i === 0 ? 'baseline' : 'review',
        migrations: [],
        statistics,
        ...(i > 0 && versus < i ? { versus: ids[versus] ?? '' } : {}),
      })),
    }),
  )

describe('groups of variants', () => {
  test('hold every variant, together with the one that it is compared with', () => {
    fc.assert(
      fc.property(scenarios, (variants) => {
        const groups = comparisonGroups(variants)
        expect(new Set(groups.flat())).toEqual(new Set(variants.keys()))
        for (const [index, { versus }] of variants.entries()) {
          const other = variants.findIndex(({ id }) => id === versus)
          if (other < 0) continue
          expect(groups.some((group) => group.includes(index) && group.includes(other))).toBe(true)
        }
      }),
    )
  })

  test('keep the slow variants without statistics out of the blocks of the others', () => {
    const variants = expandVariants({
      variants: ['baseline', 'composite'].map((id) => ({ id, title: '', role: 'review', migrations: [] })),
    })
    expect(variants.map(({ id }) => id)).toEqual([
      'baseline',
      'baseline:no-stats',
      'composite',
      'composite:no-stats',
    ])
    expect(comparisonGroups(variants)).toEqual([
      [0, 2],
      [0, 1, 3],
    ])
  })

  test('give a slow driver blocks of its own, with the schema it is compared with', () => {
    const variants = expandVariants({
      statistics: ['analyzed'],
      variants: [
        { id: 'baseline', title: '', role: 'baseline', migrations: [] },
        { id: 'composite', title: '', role: 'review', migrations: [] },
        {
          id: 'client',
          title: '',
          role: 'driver',
          migrations: [],
          driver: '@libsql/client',
          versus: 'composite',
        },
      ],
    })
    expect(comparisonGroups(variants)).toEqual([
      [0, 1],
      [1, 2],
    ])
  })
})

const variant = (id: string): MeasuredVariant => ({
  id,
  title: '',
  role: 'review',
  migrations: [],
  statistics: 'analyzed',
  versus: null,
})
const variants = [variant('a'), variant('b')].map(({ id }) => ({
  id,
  driver: 'libsql' as const,
  readPath: id,
  writePath: `${id}-w`,
}))
const tuples = (count: number): (readonly [number])[] => Array.from({ length: count }, (_, i) => [i] as const)
const common = { title: '', sql: '', draw: { table: 'prompts', columns: ['id'] } }
const read: DrawnOperation = {
  operation: { ...common, kind: 'read', id: 'Q1', rows: { min: 1, max: 1 } },
  args: [tuples(50), tuples(50)],
  variants: [0, 1],
}
const write: DrawnOperation = {
  operation: { ...common, kind: 'write', id: 'W1', statementsPerTransaction: 5 },
  args: [tuples(writeTuples(5, sampling)), tuples(writeTuples(5, sampling))],
  variants: [0, 1],
}
const planned = (round: number, medianNs?: number) =>
  planRound(
    round,
    variants,
    [[0, 1]],
    [read, write],
    sampling,
    1,
    new Map(medianNs === undefined ? [] : [['Q1/0', medianNs]]),
  )

describe('the plan of a round', () => {
  test('gives a write arguments that no other round and no evidence uses', () => {
    const used = [0, 1, 2, 3].flatMap((round) => {
      const plan = planned(round, round === 0 ? undefined : 1e6)
      return plan.operations
        .filter(({ id }) => id === 'W1')
        .flatMap(({ args }) => args[0]?.map(([n]) => n) ?? [])
    })
    const evidence = 5
    expect(used).toEqual(Array.from({ length: writeTuples(5, sampling) - evidence }, (_, i) => i + evidence))
    expect(used).toHaveLength(5 * transactionsPerSlice * (1 + 3 * 2))
  })

  test('lets reads go on where the round before left off', () => {
    const windows = [1, 2].map((round) => planned(round, 1e6).operations[0])
    expect(windows.map((operation) => operation?.samplesPerSlice)).toEqual([10, 10])
    expect(windows.map((operation) => operation?.args[0]?.[0])).toEqual([[0], [20]])
    expect(windows.map((operation) => operation?.args[0]?.length)).toEqual([20, 20])
  })

  test('is short in the pilot: one block, a few samples', () => {
    const pilot = planned(0)
    expect(pilot.operations.map(({ id, blocks }) => [id, blocks])).toEqual([
      ['Q1', 1],
      ['W1', 1],
    ])
    expect(pilot.steps).toHaveLength(2)
  })

  test('differs in its order from round to round, and not from run to run', () => {
    const orders = (round: number): string => JSON.stringify(planned(round, 1e6).steps)
    expect(orders(1)).toBe(orders(1))
    expect(new Set([1, 2, 3, 4, 5].map(orders)).size).toBeGreaterThan(1)
  })

  test('measures writes, and variants that stand alone, in the first group only', () => {
    const plan = planRound(1, variants, [[0, 1], [1], [0, 1]], [read, write], sampling, 1, new Map())
    expect(plan.operations.map(({ id, firstBlock }) => [id, firstBlock])).toEqual([
      ['Q1', 0],
      ['W1', 0],
      ['Q1', 4],
    ])
  })
})

describe('the length of slices', () => {
  test('comes from the slowest variant of each group', () => {
    const slice = (variant: string, block: number, ns: number) => ({
      operation: 'Q1',
      variant,
      block,
      order: 0,
      durationsNs: Float64Array.of(ns, ns, ns * 3),
      rows: 1,
    })
    const pilot: RoundResult = {
      round: 0,
      rssBytes: 0,
      slices: [slice('a', 0, 100), slice('b', 0, 300), slice('a', 2, 100), slice('b', 2, 9000)],
    }
    expect([...pilotMedians(pilot, sampling)]).toEqual([
      ['Q1/0', 300],
      ['Q1/1', 9000],
    ])
  })

  test.each([
    [1e3, 300, 2],
    [1e6, 10, 2],
    [4e6, 2, 2],
    [10e6, 2, 1],
    [1e9, 2, 1],
  ])('of a median of %i ns is %i samples in %i blocks', (medianNs, samples, blocks) => {
    expect(samplesPerSlice(medianNs, sampling.sliceMs)).toBe(samples)
    expect(blocksThatFit(medianNs, sampling)).toBe(blocks)
  })
})
