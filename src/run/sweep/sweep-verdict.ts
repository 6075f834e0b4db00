import type { ValueOverRounds } from '../../stats/value-over-rounds.ts'
import type { ClaimVerdict } from '../verdict.ts'
import type { SweepPartRun } from './sweep-run.ts'

/** A metric at a point. */
export interface SweepCell {
  readonly point: string
  readonly metric: string
  readonly level: ValueOverRounds
  /** Over the same metric at the point that it is compared with, round by round; null for the first of a series. */
  readonly ratio: ValueOverRounds | null
}

/** Where throughput stops being worth its latency. */
export interface Knee {
  readonly series: string | null
  /** The point of the greatest power, throughput divided by latency; null where nothing was measured. */
  readonly point: string | null
  /** Points whose power the rounds do not tell from that of the knee. */
  readonly notToldApart: readonly string[]
}

/** What a sweep says. */
export interface SweepFindings {
  readonly id: string
  readonly cells: readonly SweepCell[]
  readonly knees: readonly Knee[]
  readonly claims: readonly ClaimVerdict<SweepPartRun>[]
}

/** What a Run of sweeps says. */
export interface SweepVerdict {
  readonly sweeps: readonly SweepFindings[]
}
