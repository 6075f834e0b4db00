/** What a gate says of one thing, and of the whole. `invalid` is never green: what was measured does not count. */
export type GateStatus = 'pass' | 'improved' | 'fail' | 'inconclusive' | 'invalid'

/** Unit of a measured value and of its limit. */
export type GateUnit = 'ns' | 'bytes' | 'count' | 'per second' | 'ms' | 'share' | 'usd'

/** A quantity with the bounds that decide about it; equal for one that is exact. */
export interface GateQuantity {
  readonly value: number
  readonly low: number
  readonly high: number
  readonly unit: GateUnit
}

/** One judged thing: a metric of one operation, or of one variant as a whole. */
export interface GateFinding {
  /** `relative`: measured beside a baseline; `counter`: against stored counters; the others: against a limit. */
  readonly kind: 'relative' | 'counter' | 'budget' | 'threshold'
  readonly scenario: string
  /** As in the scenario, or the side as it was asked for; null where there is none (loads). */
  readonly variant: string | null
  /** Id of the operation or request; null for a variant, or a load, as a whole. */
  readonly operation: string | null
  /** Such as `p95`, `vmSteps`, `plan`, `rows`, `bytes`; of a load, its metric and aggregation. */
  readonly metric: string
  readonly status: GateStatus
  /** The candidate's, in absolute terms; null for a plan and for what was not measured. */
  readonly measured: GateQuantity | null
  /** The baseline's, in the same unit; null without one. */
  readonly baseline: GateQuantity | null
  /** candidate / baseline − 1 with the bounds that decide; null where only a limit was asked for. */
  readonly change: { readonly estimate: number; readonly low: number; readonly high: number } | null
  /** The limit in words, such as `≤ 500 µs`, `uses idx_prompts_user`, `not significantly more than 2 % slower`. */
  readonly limit: string
  /** One line: what is found, in full, such as `p95 +12 % [+9.8, +14], 120 µs against 107 µs`. */
  readonly reason: string
  /** What it rests on; 0 for what is exact. */
  readonly rounds: number
  readonly samples: number
}

/** What a gate says; recomputed from Runs alone. */
export interface GateVerdict {
  readonly status: GateStatus
  /** Worst first. */
  readonly findings: readonly GateFinding[]
  /** One line each: what a reader must know beside the findings, such as why time was not judged. */
  readonly notes: readonly string[]
}

/** A name for a finding that stays the same from run to run: `indexes/composite/Q1 p95 (composite)`. */
export function findingName({ scenario, operation, metric, variant }: GateFinding): string {
  const of = operation === null ? scenario : `${scenario}/${operation}`
  return variant === null ? `${of} ${metric}` : `${of} ${metric} (${variant})`
}
