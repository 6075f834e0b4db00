import {
  planSteps,
  type RoundOperation,
  type RoundPlan,
  type RoundResult,
  type RoundVariant,
} from '../measure/round-plan.ts'
import { quantile, sortNumbers } from '../stats/quantile.ts'
import { streamKey } from '../random/hash.ts'
import { randomSequence } from '../random/sequence.ts'
import type { MeasuredVariant } from '../scenario/expand.ts'
import type { Operation } from '../scenario/scenario.ts'
import type { Row } from '../target/connection.ts'
import {
  blocksThatFit,
  pilotSamples,
  samplesPerSlice,
  transactionsPerSlice,
  writeOffset,
  type Sampling,
} from './sampling.ts'

/** An operation with the arguments of every variant: `args[v]` belongs to the v-th measured variant. */
export interface DrawnOperation {
  readonly operation: Operation
  readonly args: readonly (readonly Row[])[]
  /** Measured variants that take part. */
  readonly variants: readonly number[]
  /** Each variant's own form of the operation, where scenarios of two revisions are compared. */
  readonly own?: readonly Operation[]
}

/** What the pilot told: median time of the slowest variant, by operation and group of variants. */
export type PilotMedians = ReadonlyMap<string, number>

const mostWarmupSamples = 20

/**
 * Variants whose reads are measured in the same blocks, as indexes: those with statistics, those through another driver,
 * and those without statistics, each with the variants that its members are compared with. A slice is as long as its
 * slowest variant allows: a driver that takes ten times as long, or a plan without statistics that takes hundreds,
 * would leave the others no time for more than a few samples.
 */
export function comparisonGroups(variants: readonly MeasuredVariant[]): readonly (readonly number[])[] {
  const indexOf = (id: string | null): number => variants.findIndex((variant) => variant.id === id)
  const kindOf = ({ driver, statistics }: MeasuredVariant): string =>
    statistics === 'none' ? 'none' : (driver ?? 'libsql')
  return ['libsql', '@libsql/client', 'none']
    .map((kind) => {
      const members = variants.flatMap((variant, index) =>
        kindOf(variant) === kind ? [index, indexOf(variant.versus)] : [],
      )
      return [...new Set(members)].filter((index) => index >= 0).toSorted((a, b) => a - b)
    })
    .filter((group) => group.length > 0)
}

/**
 * The plan of one round. Round 0 is the pilot: one short block a group whose timings only set the length of later
 * slices (`medians`; empty in the pilot).
 */
export function planRound(
  round: number,
  variants: readonly RoundVariant[],
  groups: readonly (readonly number[])[],
  drawn: readonly DrawnOperation[],
  sampling: Sampling,
  seed: number,
  medians: PilotMedians,
): RoundPlan {
  const operations = groups.flatMap((group, groupIndex) =>
    drawn.flatMap((each): RoundOperation[] => {
      const taking = takingPart(each, group, groupIndex)
      // One variant alone has nothing to be compared with.
      if (taking.length === 0 || (groupIndex > 0 && taking.length < 2)) return []
      const place = { round, firstBlock: groupIndex * sampling.blocksPerRound, sampling }
      const work =
        each.operation.kind === 'read'
          ? readWork(each, medians.get(medianKey(each.operation.id, groupIndex)), place)
          : writeWork(each, each.operation.statementsPerTransaction, place)
      const { id, kind, sql } = each.operation
      return [{ id, kind, sql, variants: taking, firstBlock: place.firstBlock, ...work }]
    }),
  )
  const random = randomSequence(streamKey(seed, 'round', String(round)))
  return { round, variants, operations, steps: planSteps(operations, random) }
}

/** Writes use every tuple once, so that their variants meet in the first group alone. */
function takingPart(
  { operation, variants }: DrawnOperation,
  group: readonly number[],
  groupIndex: number,
): readonly number[] {
  if (operation.kind === 'write') return groupIndex === 0 ? variants : []
  return variants.filter((variant) => group.includes(variant))
}

const medianKey = (operation: string, group: number): string => `${operation}/${group}`

interface Place {
  readonly round: number
  readonly sampling: Sampling
}

type Work = Pick<
  RoundOperation,
  'samplesPerSlice' | 'statementsPerSample' | 'warmupSamples' | 'args' | 'blocks'
>

/** A window over the tuples that starts where the round before left off, so that rounds differ in arguments. */
function readWork({ args }: DrawnOperation, medianNs: number | undefined, { round, sampling }: Place): Work {
  const samples = medianNs === undefined ? pilotSamples : samplesPerSlice(medianNs, sampling.sliceMs)
  const blocks = medianNs === undefined ? 1 : blocksThatFit(medianNs, sampling)
  const start = Math.max(round - 1, 0) * blocks * samples
  return {
    samplesPerSlice: samples,
    statementsPerSample: 1,
    warmupSamples: round === 0 ? 1 : Math.min(Math.ceil(samples / 4), mostWarmupSamples),
    blocks,
    args: args.map((tuples) =>
      Array.from({ length: Math.min(blocks * samples, tuples.length) }, (_, i) => wrap(tuples, start + i)),
    ),
  }
}

function writeWork({ args }: DrawnOperation, statements: number, { round, sampling }: Place): Work {
  const blocks = round === 0 ? 1 : sampling.blocksPerRound
  const start = writeOffset(round, statements, sampling)
  const length = blocks * transactionsPerSlice * statements
  return {
    samplesPerSlice: transactionsPerSlice,
    statementsPerSample: statements,
    warmupSamples: 0,
    blocks,
    args: args.map((tuples) =>
      tuples.length === 0 ? [] : Array.from({ length }, (_, i) => wrap(tuples, start + i)),
    ),
  }
}

const wrap = (tuples: readonly Row[], index: number): Row => tuples[index % tuples.length] as Row

/** Medians of the slowest variants, from the pilot's slices. */
export function pilotMedians(pilot: RoundResult, sampling: Sampling): PilotMedians {
  const slowest = new Map<string, number>()
  for (const { operation, block, durationsNs } of pilot.slices) {
    const key = medianKey(operation, Math.floor(block / sampling.blocksPerRound))
    slowest.set(key, Math.max(slowest.get(key) ?? 1, quantile(sortNumbers(durationsNs), 0.5)))
  }
  return slowest
}
