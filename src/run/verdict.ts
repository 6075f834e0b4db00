import type { ChangeInterval, ChangeStatus } from '../stats/decide-change.ts'
import type { OverRounds } from '../stats/over-rounds.ts'
import type { ClaimPartRun, ClaimRun } from './run.ts'

/** What a run says of a claim. `not-measured` is never good news: nothing is known. */
export type VerdictStatus = ChangeStatus | 'not-measured'

/** What an interval rests on. */
export type ChangeBasis =
  /** Fresh processes, with paired slices or one number each. */
  | {
      readonly kind: 'rounds'
      readonly rounds: number
      /** Of paired slices. */
      readonly samples?: { readonly variant: number; readonly versus: number }
      /** Exact coverage of the interval; null without one. */
      readonly confidence: number | null
      /** Rounds that would probably decide it; null for what is decided, or has no interval. */
      readonly roundsNeeded: number | null
    }
  /** Counted, not sampled. */
  | { readonly kind: 'exact'; readonly bytes: { readonly variant: number; readonly versus: number } }
  /** From the smallest to the largest quotient of the repetitions. */
  | { readonly kind: 'repetitions'; readonly repetitions: number }

/** `level` is what was held against a limit, in the unit of its metric; `change` then goes from the limit to it. */
export type PartMeasurement =
  | {
      readonly state: 'measured'
      readonly status: ChangeStatus
      readonly change: ChangeInterval
      readonly basis: ChangeBasis
      readonly level?: ChangeInterval
    }
  /** Too few rounds or repetitions for an interval: only an estimate stands. */
  | {
      readonly state: 'too-few'
      readonly estimate: number
      readonly basis: ChangeBasis
      readonly level?: ChangeInterval
    }
  | { readonly state: 'missing'; readonly reason: string }

export interface PartVerdict<Part = ClaimPartRun> {
  readonly status: VerdictStatus
  /** The claimed change stands in `part.claimed`. */
  readonly part: Part
  readonly measured: PartMeasurement
}

export interface ClaimVerdict<Part = ClaimPartRun> {
  readonly scenario: string
  readonly claim: Omit<ClaimRun, 'parts'>
  readonly status: VerdictStatus
  readonly parts: readonly PartVerdict<Part>[]
}

/** What a ratio of times says. `inconclusive` is an answer too: the machine or the rounds did not suffice. */
export type ComparisonStatus = 'faster' | 'slower' | 'no difference' | 'inconclusive'

export interface RatioOf {
  readonly ratio: OverRounds
  readonly status: ComparisonStatus
}

/** Time of an operation on one variant over its time on the variant it is compared with: 0.5 is twice as fast. */
export interface Comparison {
  readonly scenario: string
  readonly operation: string
  readonly variant: string
  readonly versus: string
  readonly p50: RatioOf
  readonly p95: RatioOf
  readonly mean: RatioOf
}

/** What a run of scenarios says. */
export interface RunVerdict {
  readonly claims: readonly ClaimVerdict[]
  readonly comparisons: readonly Comparison[]
}
