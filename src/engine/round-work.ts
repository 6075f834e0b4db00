import { planSteps, type RoundOperation, type RoundPlan, type RoundVariant } from '../measure/round-plan.ts'
import { quantile, sortNumbers } from '../measure/quantile.ts'
import type { RoundResult } from '../measure/round-plan.ts'
import { streamKey } from '../random/hash.ts'
import { randomSequence } from '../random/sequence.ts'
import type { Operation } from '../scenario/scenario.ts'
import type { Row } from '../target/connection.ts'
import {
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
}

const mostWarmupSamples = 40

/**
 * The plan of one round. Round 0 is the pilot: one short block whose timings only set the length of later slices
 * (`samples`, by operation id; absent in the pilot).
 */
export function planRound(
  round: number,
  variants: readonly RoundVariant[],
  drawn: readonly DrawnOperation[],
  sampling: Sampling,
  seed: number,
  samples: ReadonlyMap<string, number>,
): RoundPlan {
  const blocks = round === 0 ? 1 : sampling.blocksPerRound
  const operations = drawn.map(({ operation, args, variants: taking }): RoundOperation =>
    operation.kind === 'read'
      ? {
          ...readWork(samples.get(operation.id) ?? pilotSamples, round, blocks, args),
          ...{ id: operation.id, kind: 'read', sql: operation.sql, variants: taking },
        }
      : {
          ...writeWork(operation.statementsPerTransaction, round, blocks, args, sampling),
          ...{ id: operation.id, kind: 'write', sql: operation.sql, variants: taking },
        },
  )
  const random = randomSequence(streamKey(seed, 'round', String(round)))
  return { round, blocks, variants, operations, steps: planSteps(operations, blocks, random) }
}

type Work = Pick<RoundOperation, 'samplesPerSlice' | 'statementsPerSample' | 'warmupSamples' | 'args'>

/** A window over the tuples that starts where the round before left off, so that rounds differ in arguments. */
function readWork(samples: number, round: number, blocks: number, args: readonly (readonly Row[])[]): Work {
  const start = Math.max(round - 1, 0) * blocks * samples
  return {
    samplesPerSlice: samples,
    statementsPerSample: 1,
    warmupSamples: Math.min(samples, mostWarmupSamples),
    args: args.map((tuples) =>
      Array.from({ length: Math.min(blocks * samples, tuples.length) }, (_, i) => wrap(tuples, start + i)),
    ),
  }
}

function writeWork(
  statements: number,
  round: number,
  blocks: number,
  args: readonly (readonly Row[])[],
  sampling: Sampling,
): Work {
  const start = writeOffset(round, statements, sampling)
  const length = blocks * transactionsPerSlice * statements
  return {
    samplesPerSlice: transactionsPerSlice,
    statementsPerSample: statements,
    warmupSamples: 0,
    args: args.map((tuples) => Array.from({ length }, (_, i) => wrap(tuples, start + i))),
  }
}

const wrap = (tuples: readonly Row[], index: number): Row => tuples[index % tuples.length] as Row

/** Samples a slice for every read, from the medians of the pilot. */
export function samplesFromPilot(pilot: RoundResult, sliceMs: number): ReadonlyMap<string, number> {
  const slowest = new Map<string, number>()
  for (const { operation, durationsNs } of pilot.slices) {
    const medianNs = quantile(sortNumbers(durationsNs), 0.5)
    slowest.set(operation, Math.max(slowest.get(operation) ?? 1, medianNs))
  }
  return new Map([...slowest].map(([operation, ns]) => [operation, samplesPerSlice(ns, sliceMs)]))
}
