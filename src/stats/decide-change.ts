import { hodgesLehmann } from './hodges-lehmann.ts'
import type { InterimAnalysis } from './interim-analyses.ts'
import { signedRankBounds } from './signed-rank.ts'

/** A relative change, −0.5 for half as much, with the interval that holds it. */
export interface ChangeInterval {
  readonly estimate: number
  readonly low: number
  readonly high: number
}

/** A change as claimed: from the weaker to the stronger end; equal ends for a single number. */
export interface ClaimedChange {
  readonly from: number
  readonly to: number
}

export type ChangeStatus = 'confirmed' | 'partly' | 'refuted' | 'inconclusive'

/**
 * Judges a measured change against a claimed one. Let w be the end of the claimed range nearer to zero: whoever
 * claims −50 to −70 % has promised at least −50 %. For reductions (increases mirror them), over the whole interval:
 *
 * - **confirmed**: at least as strong as w. More than was claimed is not held against the claim.
 * - **refuted**: weaker than half of w, or in the wrong direction. Not one value that the data allow comes near.
 * - **partly**: between half of w and w: it does help, and less than was said.
 * - **inconclusive**: the interval crosses one of these borders, so the data allow two answers.
 */
export function judgeChange({ low, high }: ChangeInterval, claimed: ClaimedChange): ChangeStatus {
  const { promise, sign } = promiseOf(claimed)
  const [weak, strong] = sign < 0 ? [-high, -low] : [low, high]
  if (weak >= promise) return 'confirmed'
  if (strong < promise / 2) return 'refuted'
  if (weak >= promise / 2 && strong < promise) return 'partly'
  return 'inconclusive'
}

function promiseOf({ from, to }: ClaimedChange): { readonly promise: number; readonly sign: 1 | -1 } {
  const strongest = Math.abs(to) >= Math.abs(from) ? to : from
  const sign = strongest < 0 ? -1 : 1
  return { sign, promise: sign * (strongest === to ? from : to) }
}

/** What is known of a claimed change after so many rounds. */
export interface ChangeDecision {
  readonly status: ChangeStatus
  readonly rounds: number
  readonly change: ChangeInterval
  /** One-sided error of each bound of `change`. */
  readonly alpha: number
  /**
   * Rounds after which the interval would have half of its distance to the nearest border left, were it to shrink with
   * the root of the rounds; null for what is decided.
   */
  readonly roundsNeeded: number | null
}

/**
 * Judges a claimed change at interim analyses, until one decides: rounds after it change nothing, so that looking again
 * and again does not raise the chance of a wrong answer beyond the sum of the analyses' errors (union bound). Rounds that
 * end between two analyses, for want of time, are judged with the error of the next one.
 *
 * @param effects ln(candidate / baseline) of each round, in the order of the rounds
 * @returns undefined when there are too few rounds for the first analysis
 */
export function decideChange(
  effects: readonly number[],
  claimed: ClaimedChange,
  analyses: readonly InterimAnalysis[],
): ChangeDecision | undefined {
  let last: ChangeDecision | undefined
  for (const { rounds, alpha } of analysesWithin(effects.length, analyses)) {
    const seen = effects.slice(0, rounds)
    const bounds = signedRankBounds(seen, alpha)
    if (bounds === undefined) continue
    const change = {
      estimate: Math.exp(hodgesLehmann(seen)) - 1,
      low: Math.exp(bounds.low.value) - 1,
      high: Math.exp(bounds.high.value) - 1,
    }
    const status = judgeChange(change, claimed)
    last = { status, rounds, change, alpha: bounds.low.alpha, roundsNeeded: null }
    if (status !== 'inconclusive') return last
    last = { ...last, roundsNeeded: roundsNeeded(last, claimed) }
  }
  return last
}

function analysesWithin(rounds: number, analyses: readonly InterimAnalysis[]): readonly InterimAnalysis[] {
  const reached = analyses.filter((analysis) => analysis.rounds <= rounds)
  const next = analyses.find((analysis) => analysis.rounds > rounds)
  const isBetween = reached.length > 0 && next !== undefined && reached.at(-1)?.rounds !== rounds
  return isBetween ? [...reached, { rounds, alpha: next.alpha }] : reached
}

function roundsNeeded({ rounds, change }: ChangeDecision, claimed: ClaimedChange): number {
  const { promise, sign } = promiseOf(claimed)
  const distance = Math.min(
    ...[promise, promise / 2].map((border) => Math.abs(sign * change.estimate - border)),
  )
  const halfWidth = (change.high - change.low) / 2
  return distance <= 0 ? Infinity : Math.ceil(rounds * Math.max((halfWidth / distance) ** 2, 1.1))
}

/** Interim analyses of the claims of a run: their errors add up to less than 1 % on either side. */
export const claimAnalyses: readonly InterimAnalysis[] = [
  { rounds: 8, alpha: 1 / 256 },
  { rounds: 12, alpha: 0.002 },
  { rounds: 18, alpha: 0.002 },
  { rounds: 27, alpha: 0.002 },
]
