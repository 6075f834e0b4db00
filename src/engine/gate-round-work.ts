import {
  shuffled,
  spreadSteps,
  type RoundOperation,
  type RoundPlan,
  type RoundResult,
  type RoundVariant,
} from '../measure/round-plan.ts'
import { quantile, sortNumbers } from '../stats/quantile.ts'
import { streamKey } from '../random/hash.ts'
import { randomSequence } from '../random/sequence.ts'
import type { Row } from '../target/connection.ts'
import { cutPairs, type GateSampling } from './gate-sampling.ts'
import { cutWritePairs } from './gate-write-work.ts'
import type { DrawnOperation } from './drawn-operation.ts'

/** Median time of the slower side, by operation. */
export type SlowerMedians = ReadonlyMap<string, number>

/** Medians of the slower sides in a round: the median over slices of their medians. */
export function slowerMedians({ slices }: RoundResult): SlowerMedians {
  const samples = new Map<string, Map<string, number[]>>()
  for (const { operation, variant, durationsNs } of slices) {
    const sides = samples.get(operation) ?? new Map<string, number[]>()
    samples.set(operation, sides)
    // The median of a slice stands for it: hundreds of thousands of samples need not be sorted again.
    sides.set(variant, [...(sides.get(variant) ?? []), quantile(sortNumbers(durationsNs), 0.5)])
  }
  return new Map(
    [...samples].map(([operation, sides]) => [
      operation,
      Math.max(...[...sides.values()].map((medians) => quantile(sortNumbers(medians), 0.5)), 1),
    ]),
  )
}

/** Which side is copied and opened first in a round: a toss that makes the sides exchangeable when they are alike. */
export function roundRoles(seed: number, round: number): readonly [number, number] {
  const [first = 0, second = 1] = shuffled([0, 1], randomSequence(streamKey(seed, 'roles', String(round))))
  return [first, second]
}

/**
 * The plan of one round of a gate. `sides` are the baseline and the candidate, in this order, and so are the arguments
 * of `drawn`; in the plan they stand in the order of their roles, and in each pair in random order.
 */
export function planGateRound(
  round: number,
  sides: readonly [RoundVariant, RoundVariant],
  drawn: readonly DrawnOperation[],
  medians: SlowerMedians,
  sampling: GateSampling,
  seed: number,
): RoundPlan {
  const roles = roundRoles(seed, round)
  const operations = drawn.map(({ operation, args, own }): RoundOperation => {
    const statements = operation.kind === 'write' ? operation.statementsPerTransaction : 1
    const medianNs = medians.get(operation.id) ?? 1e6
    const transactions = Math.floor((args[0]?.length ?? 0) / statements)
    const cut =
      operation.kind === 'write'
        ? cutWritePairs(medianNs, sampling, transactions)
        : cutPairs(medianNs, sampling)
    const samples = cut.pairs * cut.samplesPerPair
    return {
      id: operation.id,
      kind: operation.kind,
      sql: operation.sql,
      ...(own === undefined ? {} : { ownSql: roles.map((side) => own[side]?.sql ?? operation.sql) }),
      samplesPerSlice: cut.samplesPerPair,
      samplesPerTurn: cut.samplesPerTurn,
      statementsPerSample: statements,
      warmupSamples: cut.warmupSamples,
      blocks: cut.pairs,
      firstBlock: 0,
      variants: [0, 1],
      args: roles.map((side) =>
        operation.kind === 'write'
          ? (args[side] ?? []).slice(0, samples * statements)
          : rotated(args[side] ?? [], (round - 1) * samples),
      ),
    }
  })
  const random = randomSequence(streamKey(seed, 'gate round', String(round)))
  return {
    round,
    variants: roles.map((side) => sides[side] as RoundVariant),
    operations,
    steps: spreadSteps(operations, random),
    timeLimitMs: sampling.operationMs * sampling.longestRound * operations.length,
  }
}

/** The tuples from `start` on, around: rounds begin where the one before ended. */
export function rotated(tuples: readonly Row[], start: number): readonly Row[] {
  const from = tuples.length === 0 ? 0 : start % tuples.length
  return [...tuples.slice(from), ...tuples.slice(0, from)]
}
