import {
  planSteps,
  shuffled,
  type RoundOperation,
  type RoundPlan,
  type RoundResult,
  type RoundVariant,
} from '../../measure/round-plan.ts'
import { streamKey } from '../../random/hash.ts'
import { randomSequence } from '../../random/sequence.ts'
import type { Row } from '../../target/connection.ts'
import { quantile, sortNumbers } from '../../stats/quantile.ts'
import { cutOperation, type CutSettings } from './cut-operation.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'

/** An operation on a variant, as a key of maps. */
export const sideKey = (operation: string, variant: string): string => JSON.stringify([operation, variant])

/** Median time of a call in nanoseconds, by `sideKey`. */
export type Medians = ReadonlyMap<string, number>

/** Time of a round in milliseconds that the timed samples of an operation on a variant may have, by `sideKey`. */
export type RoundTimes = ReadonlyMap<string, number>

/** What a call is taken to last before anybody knows. */
const unknownNs = 1e6

/** The median over a round's slices of their medians: hundreds of thousands of samples need not be sorted again. */
export function mediansOf({ slices }: RoundResult): Medians {
  const bySide = new Map<string, number[]>()
  for (const { operation, variant, durationsNs } of slices) {
    const key = sideKey(operation, variant)
    bySide.set(key, [...(bySide.get(key) ?? []), quantile(sortNumbers(durationsNs), 0.5)])
  }
  return new Map([...bySide].map(([key, medians]) => [key, Math.max(quantile(sortNumbers(medians), 0.5), 1)]))
}

/**
 * Which database is copied and opened first, second, … in a round: an order drawn for every round, which makes the sides
 * of a comparison exchangeable when they are alike.
 */
export const roundOrder = (databases: number, seed: number, round: number): readonly number[] =>
  shuffled([...Array(databases).keys()], randomSequence(streamKey(seed, 'roles', String(round))))

/** How the time of a round is spent. */
export interface RoundSpending extends CutSettings {
  readonly times: RoundTimes
  /** So many times the planned time, a round begins no further block: what a busy machine does not get done is left out. */
  readonly longestRound: number
}

/**
 * The plan of one round. `variants` stand in the order of their places in `drawn`; in the plan they stand in the order in
 * which they are opened.
 */
export function planRound(
  round: number,
  variants: readonly RoundVariant[],
  drawn: readonly DrawnOperation[],
  medians: Medians,
  spending: RoundSpending,
  seed: number,
): RoundPlan {
  const order = roundOrder(variants.length, seed, round)
  const operations = drawn.map((each) => planOperation(round, variants, order, each, medians, spending, seed))
  const opened = order.map((index) => variants[index] as RoundVariant)
  const plannedMs = operations.reduce((sum, operation) => sum + durationMs(operation, opened, medians), 0)
  return {
    round,
    variants: opened,
    operations,
    steps: planSteps(operations, randomSequence(streamKey(seed, 'round', String(round)))),
    timeLimitMs: Math.max(plannedMs, 100) * spending.longestRound,
  }
}

/** Milliseconds that the slices of an operation take, with the calls that do not count. */
function durationMs(
  { id, sides }: RoundOperation,
  variants: readonly RoundVariant[],
  medians: Medians,
): number {
  return sides.reduce((sum, { variant, blocks, leadInSamples, samplesPerSlice }) => {
    const medianNs = medians.get(sideKey(id, variants[variant]?.id ?? '')) ?? unknownNs
    return sum + (blocks * (leadInSamples + samplesPerSlice) * medianNs) / 1e6
  }, 0)
}

function planOperation(
  round: number,
  variants: readonly RoundVariant[],
  order: readonly number[],
  { operation, args, variants: taking, own }: DrawnOperation,
  medians: Medians,
  spending: RoundSpending,
  seed: number,
): RoundOperation {
  const statements = operation.kind === 'write' ? operation.statementsPerTransaction : 1
  const places = order.flatMap((index, place) => (taking.includes(index) ? [{ index, place }] : []))
  const times = places.map(({ index }) => {
    const key = sideKey(operation.id, variants[index]?.id ?? '')
    return {
      medianNs: medians.get(key) ?? unknownNs,
      roundMs: spending.times.get(key) ?? 0,
      // A transaction that was carried out cannot be again: its arguments are used once in a round.
      ...(operation.kind === 'write'
        ? { mostSamples: Math.floor((args[index]?.length ?? 0) / statements) }
        : {}),
    }
  })
  const cut = cutOperation(times, spending)
  const shuffle = readOrder(operation.id, args[taking[0] ?? 0]?.length ?? 0, round, seed)
  return {
    id: operation.id,
    kind: operation.kind,
    sql: operation.sql,
    statementsPerSample: statements,
    blocks: cut.blocks,
    sides: places.flatMap(({ index, place }, at) => {
      const side = cut.sides[at]
      const tuples = args[index] ?? []
      const sql = own?.[index]?.sql
      return side === undefined
        ? []
        : [
            {
              variant: place,
              ...(sql === undefined ? {} : { ownSql: sql }),
              args:
                operation.kind === 'read'
                  ? shuffle.map((tuple) => tuples[tuple] as Row)
                  : tuples.slice(0, (side.leadInSamples + side.samplesPerSlice) * side.blocks * statements),
              ...side,
            },
          ]
    }),
  }
}

/** The order of a read's tuples in a round: any number of samples from its beginning stands for all of them. */
const readOrder = (operation: string, tuples: number, round: number, seed: number): readonly number[] =>
  shuffled([...Array(tuples).keys()], randomSequence(streamKey(seed, 'arguments', operation, String(round))))
