import type { OverRounds } from '../stats/over-rounds.ts'
import type { ClaimVerdict, ComparisonStatus } from './verdict.ts'

/** One load on one variant beside the variant it is compared with. */
export interface ComparedPair {
  readonly load: string
  /** Kind of request; null for all of them. */
  readonly op: string | null
  readonly variant: string
  readonly versus: string
  /** Throughput of the variant over that of the other (2 is twice as much), or its P95 over the other's. */
  readonly ratio: OverRounds
  readonly status: ComparisonStatus
  /** Why the ratio of the pair is not valid; empty when it is. */
  readonly doubt: string
  readonly requests: { readonly variant: number; readonly versus: number }
  /** Requests a second, over all slices. */
  readonly perSec: { readonly variant: number; readonly versus: number }
  /** Each side's own, in nanoseconds. */
  readonly p95: { readonly variant: OverRounds; readonly versus: OverRounds }
}

/** What a comparison of variants under load says. */
export interface ComparisonVerdict {
  readonly quantity: 'throughput' | 'p95'
  readonly pairs: readonly ComparedPair[]
  /** `not-measured` where the comparison is invalid. */
  readonly claims: readonly ClaimVerdict[]
  /** Why the comparison is invalid, one line each; empty unless it is. */
  readonly invalid: readonly string[]
}
