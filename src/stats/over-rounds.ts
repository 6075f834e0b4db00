import { hodgesLehmann } from './hodges-lehmann.ts'
import { levelledQuantity, levelRounds, type Quantity } from './levelled-round.ts'
import { quantile, sortNumbers } from './quantile.ts'
import { roundEvidence } from './round-evidence.ts'
import type { SampledRound } from './sampled-slice.ts'
import { signedRankBounds, signedRankInterval, type Interval } from './signed-rank.ts'

/** What rounds say of a quantity. The round is the unit of inference: samples of one process share what it met. */
export type OverRounds =
  | { readonly state: 'measured'; readonly rounds: number; readonly interval: Interval }
  /** Too few rounds for the confidence: only an estimate stands. */
  | { readonly state: 'too-few-rounds'; readonly rounds: number; readonly estimate: number }
  /** No round has the samples that the quantity needs (`fewestSamples`). */
  | { readonly state: 'too-few-samples'; readonly mostSamples: number }
  | { readonly state: 'nothing' }

/**
 * ln(candidate / baseline) of a quantity in each round that both were measured in, in the order of the rounds: the samples
 * of a round are levelled pair by pair and pooled (`levelRound`), and the quantity is taken there. Rounds with too few
 * samples are missing.
 */
export function roundEffects(
  candidate: readonly SampledRound[],
  baseline: readonly SampledRound[],
  quantity: Quantity,
): ReadonlyMap<number, number> {
  const effects = new Map<number, number>()
  const others = new Map(baseline.map((each) => [each.round, each]))
  for (const each of candidate.toSorted((a, b) => a.round - b.round)) {
    const other = others.get(each.round)
    const effect = other === undefined ? null : roundEvidence(each, other, quantity).effect
    if (effect !== null) effects.set(each.round, effect)
  }
  return effects
}

/** ln of a quantity of one side in each round, in nanoseconds, by the same rule. */
export function roundLogs(rounds: readonly SampledRound[], quantity: Quantity): ReadonlyMap<number, number> {
  const logs = new Map<number, number>()
  for (const { round, levelNs, sides } of levelRounds(rounds).toSorted((a, b) => a.round - b.round)) {
    const [side] = sides
    const value = side === undefined ? undefined : levelledQuantity(side, quantity)
    if (value !== undefined && value > 0) logs.set(round, Math.log(value * levelNs))
  }
  return logs
}

/** Ratio candidate / baseline of a quantity over rounds. `confidence` is two-sided, such as 0.95. */
export function pairedRatio(
  candidate: readonly SampledRound[],
  baseline: readonly SampledRound[],
  quantity: Quantity,
  confidence: number,
): OverRounds {
  const shared = new Set(baseline.map(({ round }) => round))
  if (!candidate.some(({ round }) => shared.has(round))) return { state: 'nothing' }
  const effects = [...roundEffects(candidate, baseline, quantity).values()]
  return overRounds(effects, [candidate, baseline], confidence)
}

/** A quantity of one side in nanoseconds over rounds. */
export function sideLevel(
  rounds: readonly SampledRound[],
  quantity: Quantity,
  confidence: number,
): OverRounds {
  if (rounds.length === 0) return { state: 'nothing' }
  return overRounds([...roundLogs(rounds, quantity).values()], [rounds], confidence)
}

/** The first calls of a round's slices, in nanoseconds. */
export interface FirstCalls {
  readonly round: number
  readonly firstsNs: readonly number[]
}

/** The median of the first calls after something else ran, over rounds. */
export function firstCallLevel(rounds: readonly FirstCalls[], confidence: number): OverRounds {
  const logs = rounds.flatMap(({ firstsNs }) =>
    firstsNs.length === 0 ? [] : [Math.log(Math.max(quantile(sortNumbers(firstsNs), 0.5), 1))],
  )
  return logs.length === 0 ? { state: 'nothing' } : overRounds(logs, [], confidence)
}

/**
 * Hodges-Lehmann of the rounds' logarithms, and the exact signed-rank interval over them: it holds for any noise that is
 * symmetric between rounds, such as that of equal sides in random roles.
 */
function overRounds(
  logs: readonly number[],
  sides: readonly (readonly SampledRound[])[],
  confidence: number,
): OverRounds {
  if (logs.length === 0) return { state: 'too-few-samples', mostSamples: samplesOfRichestRound(sides) }
  const estimate = hodgesLehmann(logs)
  const interval = signedRankInterval(logs, confidence, estimate)
  if (interval === undefined)
    return { state: 'too-few-rounds', rounds: logs.length, estimate: Math.exp(estimate) }
  const { low, high } = interval
  return {
    state: 'measured',
    rounds: logs.length,
    interval: { ...interval, estimate: Math.exp(estimate), low: Math.exp(low), high: Math.exp(high) },
  }
}

/** Samples of the poorest side in the round that has most. */
const samplesOfRichestRound = (sides: readonly (readonly SampledRound[])[]): number =>
  Math.min(
    ...sides.map((rounds) =>
      Math.max(
        0,
        ...rounds.map(({ slices }) => slices.reduce((sum, { sortedNs }) => sum + sortedNs.length, 0)),
      ),
    ),
  )

/** A level in nanoseconds with one-sided bounds that each fail with probability `alpha` at most. */
export interface RoundLevel {
  readonly rounds: number
  readonly estimate: number
  /** 0 and Infinity where so few rounds cannot reach the error asked for. */
  readonly low: number
  readonly high: number
  /** The exact error of each bound; 0 where there is none. */
  readonly alpha: number
}

/** A quantity of one side over rounds, with one-sided bounds; undefined where no round has samples enough. */
export function levelBounds(
  rounds: readonly SampledRound[],
  quantity: Quantity,
  alpha: number,
): RoundLevel | undefined {
  const logs = [...roundLogs(rounds, quantity).values()]
  if (logs.length === 0) return undefined
  const bounds = signedRankBounds(logs, alpha)
  return {
    rounds: logs.length,
    estimate: Math.exp(hodgesLehmann(logs)),
    low: bounds === undefined ? 0 : Math.exp(bounds.low.value),
    high: bounds === undefined ? Infinity : Math.exp(bounds.high.value),
    alpha: bounds?.low.alpha ?? 0,
  }
}
