import type { ClaimPartRun, ClaimRun } from './run.ts'

/** What a run says of a claim. `not-measured` is never good news: nothing is known. */
export type VerdictWord = 'confirmed' | 'partly' | 'refuted' | 'inconclusive' | 'not-measured'

/** A relative change, −0.5 for half as much, with the interval that holds it. */
export interface MeasuredChange {
  readonly estimate: number
  readonly low: number
  readonly high: number
}

/** What an interval rests on. */
export type ChangeBasis =
  /** Paired slices in fresh processes; `confidence` is the exact coverage of the interval. */
  | {
      readonly kind: 'rounds'
      readonly rounds: number
      readonly samples: { readonly variant: number; readonly versus: number }
      readonly confidence: number | null
    }
  /** Counted, not sampled. */
  | { readonly kind: 'exact'; readonly bytes: { readonly variant: number; readonly versus: number } }
  /** From the smallest to the largest quotient of the repetitions. */
  | { readonly kind: 'repetitions'; readonly repetitions: number }

export type PartMeasurement =
  | { readonly state: 'measured'; readonly change: MeasuredChange; readonly basis: ChangeBasis }
  /** Too few rounds or repetitions for an interval: only an estimate stands. */
  | { readonly state: 'too-few'; readonly estimate: number; readonly basis: ChangeBasis }
  | { readonly state: 'missing'; readonly reason: string }

export interface PartVerdict {
  readonly word: VerdictWord
  /** The claimed change stands in `part.claimed`. */
  readonly part: ClaimPartRun
  readonly measured: PartMeasurement
}

export interface ClaimVerdict {
  readonly scenario: string
  readonly claim: ClaimRun
  readonly word: VerdictWord
  readonly parts: readonly PartVerdict[]
}
