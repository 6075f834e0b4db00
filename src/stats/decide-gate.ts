import { gateAnalyses, type GateAnalysis, type OperationAnalysis } from './interim-analyses.ts'
import { hodgesLehmann } from './hodges-lehmann.ts'
import { fewestSamples, type Quantity } from './levelled-round.ts'
import type { RoundEvidence } from './round-evidence.ts'
import { signedRankBounds } from './signed-rank.ts'
import { countStalls, type StallCount } from './stall-test.ts'

/** What a gate asks. Ratios are candidate / baseline of one quantity, such as the 95th percentile. */
export interface GateRule {
  readonly quantile: GateQuantile
  /** A candidate that is significantly slower than this fails: 1.02. */
  readonly toleranceRatio: number
  /** A candidate that is significantly not slower than this passes: 1.1, the smallest effect that matters. */
  readonly smallestEffectRatio: number
  readonly budget: readonly GateAnalysis[]
}

export type GateQuantile = Extract<Quantity, 'p50' | 'p95'>

/** One operation, round by round from 1 on. */
export interface GateOperation {
  readonly id: string
  readonly rounds: readonly RoundEvidence[]
}

/** What is known of an operation's ratio: bounds hold with `lowAlpha` and `highAlpha`, one-sided and exact. */
export interface RatioBounds {
  readonly rounds: number
  readonly estimate: number
  readonly low: number
  readonly high: number
  readonly lowAlpha: number
  readonly highAlpha: number
}

/** What an operation failed for, and what is held against it where it did not pass. */
export type GateCause = 'slower' | 'stalls'

export type OperationDecision = { readonly operation: string } & (
  | {
      readonly status: 'pass' | 'improved' | 'inconclusive'
      readonly ratio: RatioBounds
      readonly stalls: StallCount
    }
  | {
      readonly status: 'fail'
      readonly ratio: RatioBounds
      readonly stalls: StallCount
      readonly causes: readonly GateCause[]
    }
  /** More rounds are due; `ratio` is null before the first analysis, and then there is only an estimate. */
  | {
      readonly status: 'undecided'
      readonly rounds: number
      readonly estimate: number
      readonly ratio: RatioBounds | null
      readonly stalls: StallCount
    }
  | { readonly status: 'invalid'; readonly reason: string }
)

export interface GateDecision {
  readonly status: 'pass' | 'improved' | 'fail' | 'inconclusive' | 'undecided' | 'invalid'
  readonly operations: readonly OperationDecision[]
}

/** An operation whose stalls have a chance below this does not pass yet: more rounds decide. */
export const suspiciousStalls = 0.02

/**
 * Decides a gate from what its rounds say: exact signed-rank bounds of ln(candidate / baseline) over rounds, and a sign
 * test on slices that one side alone spent waiting, at every analysis that the rounds reach (`gateAnalyses`), until one decides:
 *
 * - **fail**: the lower bound exceeds the tolerance, or the candidate stalls significantly more often.
 * - **improved**: the upper bound is below the tolerance's inverse.
 * - **pass**: the upper bound is below the smallest effect that matters.
 * - **inconclusive**: none of these at the last analysis.
 *
 * Nothing passes or improves while its stalls are suspicious. Rounds after the analysis that decided change nothing. The gate
 * is invalid if any operation is, else it fails if any does, else it is undecided or inconclusive if any is, else improved
 * if any is, else it passes.
 */
export function decideGate(operations: readonly GateOperation[], rule: GateRule): GateDecision {
  const analyses = gateAnalyses(Math.max(operations.length, 1), rule.budget)
  const decisions = operations.map((operation) => decideOperation(operation, analyses, rule))
  const words = new Set(decisions.map(({ status }) => status))
  const precedence = ['invalid', 'fail', 'undecided', 'inconclusive', 'improved', 'pass'] as const
  return { status: precedence.find((status) => words.has(status)) ?? 'invalid', operations: decisions }
}

function decideOperation(
  { id: operation, rounds }: GateOperation,
  analyses: readonly OperationAnalysis[],
  rule: GateRule,
): OperationDecision {
  const ordered = rounds.toSorted((a, b) => a.round - b.round)
  const reason = refusal(ordered, rule)
  if (reason !== undefined) return { operation, status: 'invalid', reason }
  let ratio: RatioBounds | null = null
  let stalls = countStalls([])
  for (const analysis of analyses) {
    if (ordered.length < analysis.rounds) {
      const estimate = Math.exp(hodgesLehmann(effectsOf(ordered)))
      return { operation, status: 'undecided', rounds: ordered.length, estimate, ratio, stalls }
    }
    const seen = analyse(ordered.slice(0, analysis.rounds), analysis, rule)
    if (seen === undefined) continue
    ratio = seen.ratio
    stalls = seen.stalls
    if (seen.causes.length > 0) return { operation, status: 'fail', ratio, stalls, causes: seen.causes }
    if (seen.status !== undefined) return { operation, status: seen.status, ratio, stalls }
  }
  return ratio === null
    ? { operation, status: 'invalid', reason: 'no analysis has an error budget that its rounds can reach' }
    : { operation, status: 'inconclusive', ratio, stalls }
}

const effectsOf = (rounds: readonly RoundEvidence[]): readonly number[] =>
  rounds.map(({ effect }) => effect ?? 0)

/** Why the rounds must not be judged; undefined when nothing speaks against it. */
function refusal(rounds: readonly RoundEvidence[], { quantile }: GateRule): string | undefined {
  if (rounds.length === 0) return 'nothing was measured on both sides'
  for (const [place, { round, effect, samples }] of rounds.entries()) {
    if (round !== place + 1) return `round ${place + 1} is missing`
    if (effect !== null) continue
    const fewest = Math.min(samples.baseline, samples.candidate)
    if (fewest === 0) return `nothing was measured on both sides in round ${round}`
    const advice = quantile === 'p95' ? '--quantile p50 needs fewer, or ' : ''
    return `${fewest} samples in round ${round}, but the ${quantile} needs ${fewestSamples[quantile]} that are not the machine's: ${advice}name fewer operations with --operations, or give them more time with --operation-ms`
  }
  return undefined
}

interface Seen {
  readonly ratio: RatioBounds
  readonly stalls: StallCount
  readonly causes: readonly GateCause[]
  readonly status: 'improved' | 'pass' | undefined
}

/** What one analysis sees. A side that is not decided there shows the bound at the error of the other side. */
function analyse(
  rounds: readonly RoundEvidence[],
  analysis: OperationAnalysis,
  { toleranceRatio, smallestEffectRatio }: GateRule,
): Seen | undefined {
  const values = effectsOf(rounds)
  const fail = analysis.failAlpha > 0 ? signedRankBounds(values, analysis.failAlpha) : undefined
  const pass = analysis.passAlpha > 0 ? signedRankBounds(values, analysis.passAlpha) : undefined
  const low = (fail ?? pass)?.low
  const high = (pass ?? fail)?.high
  if (low === undefined || high === undefined) return undefined
  const tolerance = Math.log(toleranceRatio)
  const ratio = {
    rounds: values.length,
    estimate: Math.exp(hodgesLehmann(values)),
    low: Math.exp(low.value),
    high: Math.exp(high.value),
    lowAlpha: low.alpha,
    highAlpha: high.alpha,
  }
  const stalls = countStalls(rounds.map(({ slow }) => slow))
  const causes: GateCause[] = []
  if (fail !== undefined && fail.low.value > tolerance) causes.push('slower')
  if (analysis.stallAlpha > 0 && stalls.p <= analysis.stallAlpha) causes.push('stalls')
  const isFaster = high.value < -tolerance
  const isHarmless = pass !== undefined && high.value < Math.log(smallestEffectRatio)
  const status =
    stalls.p < suspiciousStalls ? undefined : isFaster ? 'improved' : isHarmless ? 'pass' : undefined
  return { ratio, stalls, causes, status }
}
