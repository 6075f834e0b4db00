import { gateLooks, type Look, type LookBudget } from '../stats/gate-looks.ts'
import { hodgesLehmann } from '../stats/hodges-lehmann.ts'
import { roundEffects, type SliceSeries } from './round-effects.ts'
import { signedRankBounds } from '../stats/signed-rank.ts'

/** What a gate asks. Ratios are candidate / baseline of one quantity, such as the 95th percentile of a slice. */
export interface GateRule {
  /** A candidate that is surely slower than this fails: 1.02. */
  readonly toleranceRatio: number
  /** A candidate that is surely not slower than this passes: 1.1, the smallest effect that matters. */
  readonly smallestEffectRatio: number
  readonly budget: readonly LookBudget[]
  /** Samples that a round needs of each side before its quantile means anything. */
  readonly fewestSamples: number
}

/** The slices of one side, with the samples that each rests on. */
export interface GateSeries extends SliceSeries {
  readonly samples: readonly number[]
}

/** One operation on both sides: slices of the same round and block ran back to back on the same arguments. */
export interface GateOperation {
  readonly id: string
  readonly baseline: GateSeries
  readonly candidate: GateSeries
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

export type OperationDecision = { readonly operation: string } & (
  | {
      readonly word: 'pass' | 'improved' | 'fail' | 'inconclusive'
      readonly ratio: RatioBounds
    }
  /** More rounds are due; `ratio` is null before the first look. */
  | { readonly word: 'undecided'; readonly rounds: number; readonly ratio: RatioBounds | null }
  | { readonly word: 'invalid'; readonly reason: string }
)

export interface GateDecision {
  readonly word: 'pass' | 'improved' | 'fail' | 'inconclusive' | 'undecided' | 'invalid'
  readonly operations: readonly OperationDecision[]
}

/**
 * Decides a gate from its pairs: ln(candidate / baseline) of each pair → Hodges-Lehmann of each round → exact
 * signed-rank bounds over rounds at every look that the rounds reach (`gateLooks`), until one decides:
 *
 * - **fail**: the lower bound exceeds the tolerance.
 * - **improved**: the upper bound is below the tolerance's inverse.
 * - **pass**: the upper bound is below the smallest effect that matters.
 * - **inconclusive**: none of these at the last look.
 *
 * Rounds after the look that decided change nothing. The gate is invalid if any operation is, else it fails if any
 * does, else it is undecided or inconclusive if any is, else improved if any is, else it passes.
 */
export function decideGate(operations: readonly GateOperation[], rule: GateRule): GateDecision {
  const looks = gateLooks(Math.max(operations.length, 1), rule.budget)
  const decisions = operations.map((operation) => decideOperation(operation, looks, rule))
  const words = new Set(decisions.map(({ word }) => word))
  const precedence = ['invalid', 'fail', 'undecided', 'inconclusive', 'improved', 'pass'] as const
  return { word: precedence.find((word) => words.has(word)) ?? 'invalid', operations: decisions }
}

function decideOperation(
  { id: operation, baseline, candidate }: GateOperation,
  looks: readonly Look[],
  rule: GateRule,
): OperationDecision {
  const effects = roundEffects(candidate, baseline)
  const reason = refusal(effects, [baseline, candidate], rule)
  if (reason !== undefined) return { operation, word: 'invalid', reason }
  const values = [...effects].toSorted(([a], [b]) => a - b).map(([, effect]) => effect)
  let ratio: RatioBounds | null = null
  for (const look of looks) {
    if (values.length < look.rounds) return { operation, word: 'undecided', rounds: values.length, ratio }
    const seen = lookAt(values.slice(0, look.rounds), look, rule)
    if (seen === undefined) continue
    ratio = seen.ratio
    if (seen.word !== undefined) return { operation, word: seen.word, ratio }
  }
  return ratio === null
    ? { operation, word: 'invalid', reason: 'no look has an error budget that its rounds can reach' }
    : { operation, word: 'inconclusive', ratio }
}

/** Why the pairs must not be judged; undefined when nothing speaks against it. */
function refusal(
  effects: ReadonlyMap<number, number>,
  sides: readonly GateSeries[],
  rule: GateRule,
): string | undefined {
  if (effects.size === 0) return 'nothing was measured on both sides'
  for (let round = 1; round <= effects.size; round++) {
    if (!effects.has(round)) return `round ${round} is missing`
    for (const { round: rounds, samples } of sides) {
      const sum = samples.reduce((total, n, i) => (rounds[i] === round ? total + n : total), 0)
      if (sum < rule.fewestSamples) {
        return `${sum} samples in round ${round}, but a 95th percentile needs ${rule.fewestSamples}`
      }
    }
  }
  return undefined
}

/** What one look sees. A side that is not decided there shows the bound at the error of the other side. */
function lookAt(
  values: readonly number[],
  look: Look,
  { toleranceRatio, smallestEffectRatio }: GateRule,
): { readonly ratio: RatioBounds; readonly word: 'fail' | 'improved' | 'pass' | undefined } | undefined {
  const fail = look.failAlpha > 0 ? signedRankBounds(values, look.failAlpha) : undefined
  const pass = look.passAlpha > 0 ? signedRankBounds(values, look.passAlpha) : undefined
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
  if (fail !== undefined && fail.low.value > tolerance) return { ratio, word: 'fail' }
  if (high.value < -tolerance) return { ratio, word: 'improved' }
  if (pass !== undefined && high.value < Math.log(smallestEffectRatio)) return { ratio, word: 'pass' }
  return { ratio, word: undefined }
}
