import { signedRankInterval, type Interval } from '../../../src/stats/signed-rank.ts'
import { hodgesLehmann } from '../../../src/stats/hodges-lehmann.ts'
import { quantile, sortNumbers } from '../../../src/stats/quantile.ts'
import { campaignSubject, conditions, type Condition, type SlowdownKind } from './cells.ts'
import { effectsOf, roundsOfAll } from './gate-trace.ts'
import type { CampaignRecord, GateRecord, EffectQuantity } from './records.ts'

export const gatesOf = (records: readonly CampaignRecord[]): readonly GateRecord[] =>
  records.filter((record) => record.kind === 'gate')

/** Gates of equal sides, or with slowdowns of some kinds. */
export const gatesWith = (
  records: readonly CampaignRecord[],
  slowdowns: readonly SlowdownKind[],
  condition?: Condition,
): readonly GateRecord[] =>
  gatesOf(records).filter(
    (gate) => slowdowns.includes(gate.slowdown) && (condition === undefined || gate.condition === condition),
  )

/** The slowdowns that make the 95th percentile 10 % longer. */
export const tenPercent: readonly SlowdownKind[] = ['delay', 'sql']

/** True when the gate failed for the operation with the slowdown in it; failing for another is not finding it. */
export const isFound = ({ operation, operations }: GateRecord): boolean =>
  operations.some(({ id, status }) => id === operation && status === 'fail')

/** Operations that were equal, in gates with and without injected slowdowns, and how many of them failed. */
export function equalOperations(records: readonly CampaignRecord[]): {
  readonly count: number
  readonly failed: number
} {
  const equal = gatesOf(records).flatMap(({ operation, operations }) =>
    operations.filter(({ id }) => id !== operation),
  )
  return { count: equal.length, failed: equal.filter(({ status }) => status === 'fail').length }
}

/** What a gate's slowdown did to a quantity of its operation in each of the rounds that every gate has. */
export const earlyEffects = (gate: GateRecord, quantity: EffectQuantity): readonly number[] =>
  [...effectsOf(gate, gate.operation ?? '', quantity)]
    .filter(([round]) => round <= roundsOfAll)
    .map(([, effect]) => effect)

/** What a gate's slowdown did to P95 by its own first rounds, as a ratio; NaN when they say nothing. */
export function measuredRatio(gate: GateRecord): number {
  const effects = earlyEffects(gate, 'p95')
  return effects.length === 0 ? NaN : Math.exp(hodgesLehmann(effects))
}

/** Slowdowns that came out much larger than they were to be do not show that +10 % is found. */
export const largestSlowdown = 1.12

/**
 * What the slowdowns of some gates did to a quantity of their operation: Hodges-Lehmann over gates of ln(candidate / baseline)
 * with the exact 95 % interval. From the rounds that every gate has: where a gate ended later, it ended for what it saw.
 */
export function slowdownEffect(gates: readonly GateRecord[], quantity: EffectQuantity): Interval | undefined {
  const effects = gates.flatMap((gate) => {
    const early = earlyEffects(gate, quantity)
    return early.length === 0 ? [] : [hodgesLehmann(early)]
  })
  if (effects.length === 0) return undefined
  return signedRankInterval(effects, 0.95, hodgesLehmann(effects))
}

/** Seconds to the verdict, of gates that came to one. */
export function secondsToVerdict(gates: readonly GateRecord[]): {
  readonly median: number
  readonly p95: number
  readonly longest: number
} {
  const seconds = sortNumbers(gates.filter(({ status }) => status !== 'error').map((gate) => gate.seconds))
  if (seconds.length === 0) return { median: NaN, p95: NaN, longest: NaN }
  return { median: quantile(seconds, 0.5), p95: quantile(seconds, 0.95), longest: quantile(seconds, 1) }
}

/** How busy the machine was while rounds ran, our own work included. */
export interface Contention {
  readonly rounds: number
  /** Median, and the 95th percentile, over rounds; null where the machine does not tell. */
  readonly busyShare: Middle | null
  readonly cpuPressureShare: Middle | null
  readonly stolenShare: Middle | null
}

export interface Middle {
  readonly median: number
  readonly p95: number
}

export function contentionOf(gates: readonly GateRecord[]): Contention {
  const rounds = gates.flatMap((gate) => gate.rounds)
  const middleOf = (values: readonly (number | null)[]): Middle | null => {
    const known = sortNumbers(values.filter((value) => value !== null))
    return known.length === 0 ? null : { median: quantile(known, 0.5), p95: quantile(known, 0.95) }
  }
  return {
    rounds: rounds.length,
    busyShare: middleOf(rounds.map(({ busyShare }) => busyShare)),
    cpuPressureShare: middleOf(rounds.map(({ cpuPressureShare }) => cpuPressureShare)),
    stolenShare: middleOf(rounds.map(({ stolenShare }) => stolenShare)),
  }
}

/** How much rounds of equal sides differ: the robust spread of the effect of each operation. */
export function roundSpread(records: readonly CampaignRecord[], condition: Condition): readonly number[] {
  return campaignSubject.operations.map((operation) => {
    const effects = gatesWith(records, ['none'], condition).flatMap((gate) => [
      ...effectsOf(gate, operation, 'p95').values(),
    ])
    if (effects.length === 0) return NaN
    // 1.4826 times the median absolute value is the standard deviation of normal data around 0.
    return 1.4826 * quantile(sortNumbers(effects.map(Math.abs)), 0.5)
  })
}

/** The conditions of which there are gates. */
export const measuredConditions = (records: readonly CampaignRecord[]): readonly Condition[] =>
  conditions.filter((condition) => gatesOf(records).some((gate) => gate.condition === condition))
