import {
  planSteps,
  type RoundOperation,
  type RoundPlan,
  type RoundResult,
  type RoundVariant,
} from '../../measure/round-plan.ts'
import { randomSequence, shuffled, streamKey } from '../../random/random.ts'
import { quantile, sortNumbers } from '../../stats/quantile.ts'
import { cutOperation, type CutSettings } from './cut-operation.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'

/** An operation on a variant, as a key of maps. */
export const sideKey = (operation: string, variant: string): string => JSON.stringify([operation, variant])

/** The keys of operations on all variants that take part in them. */
export const sideKeys = (drawn: readonly DrawnOperation[]): readonly string[] =>
  drawn.flatMap(({ operation, sides }) => sides.map(({ variant }) => sideKey(operation.id, variant)))

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
export const roundOrder = <T>(databases: readonly T[], seed: number, round: number): readonly T[] =>
  shuffled(databases, randomSequence(streamKey(seed, 'roles', String(round))))

/** How the time of a round is spent. */
export interface RoundSpending extends CutSettings {
  readonly times: RoundTimes
  /** So many times the planned time, a round begins no further block: what a busy machine does not get done is left out. */
  readonly longestRound: number
}

/** The plan of one round. `variants` stand in the order in which they are opened: see `roundOrder`. */
export function planRound(
  round: number,
  variants: readonly RoundVariant[],
  drawn: readonly DrawnOperation[],
  medians: Medians,
  spending: RoundSpending,
  seed: number,
): RoundPlan {
  const operations = drawn.map((each) => planOperation(round, variants, each, medians, spending, seed))
  const plannedMs = operations.reduce((sum, operation) => sum + durationMs(operation, medians), 0)
  return {
    round,
    variants,
    operations,
    steps: planSteps(operations, randomSequence(streamKey(seed, 'round', String(round)))),
    timeLimitMs: Math.max(plannedMs, 100) * spending.longestRound,
  }
}

/** Milliseconds that the slices of an operation take, with the calls that do not count. */
const durationMs = ({ id, sides }: RoundOperation, medians: Medians): number =>
  sides.reduce((sum, { variant, blocks, leadInSamples, samplesPerSlice }) => {
    const medianNs = medians.get(sideKey(id, variant)) ?? unknownNs
    return sum + (blocks * (leadInSamples + samplesPerSlice) * medianNs) / 1e6
  }, 0)

function planOperation(
  round: number,
  opened: readonly RoundVariant[],
  { operation, sides }: DrawnOperation,
  medians: Medians,
  spending: RoundSpending,
  seed: number,
): RoundOperation {
  const statements = operation.kind === 'write' ? operation.statementsPerTransaction : 1
  const taking = opened.flatMap(({ id }) => sides.filter(({ variant }) => variant === id))
  const times = taking.map((side) => {
    const key = sideKey(operation.id, side.variant)
    return {
      side,
      medianNs: medians.get(key) ?? unknownNs,
      roundMs: spending.times.get(key) ?? 0,
      // A transaction that was carried out cannot be again: its arguments are used once in a round.
      ...(operation.kind === 'write' ? { mostSamples: Math.floor(side.args.length / statements) } : {}),
    }
  })
  const cut = cutOperation(times, spending)
  // Any number of samples from the beginning stands for all tuples; each variant walks through the same rows.
  const readOrder = streamKey(seed, 'arguments', operation.id, String(round))
  return {
    id: operation.id,
    kind: operation.kind,
    sql: operation.sql,
    statementsPerSample: statements,
    blocks: cut.blocks,
    sides: cut.sides.map(({ side, blocks, samplesPerSlice, leadInSamples, warmupSamples }) => ({
      variant: side.variant,
      ...(side.operation === operation ? {} : { ownSql: side.operation.sql }),
      args:
        operation.kind === 'read'
          ? shuffled(side.args, randomSequence(readOrder))
          : side.args.slice(0, (leadInSamples + samplesPerSlice) * blocks * statements),
      blocks,
      samplesPerSlice,
      leadInSamples,
      warmupSamples,
    })),
  }
}
