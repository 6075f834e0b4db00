import type { ThresholdUnit } from './threshold.ts'

/** What a threshold says of the measured phase: in k6's syntax, judged by us for every engine alike. */
export interface ThresholdVerdict {
  readonly metric: string
  readonly expression: string
  readonly word: 'pass' | 'fail' | 'invalid'
  readonly unit: ThresholdUnit
  /**
   * In the unit of the expression; of the worst window where the threshold names one. Null where nothing matched;
   * `Infinity` where the quantile is a failed request.
   */
  readonly measured: number | null
  /** The worst window of the phase: of the threshold's own length, else of ten seconds; null where it has none. */
  readonly worst: WorstWindow | null
  readonly samples: number
  /** Why it is invalid, or what else to know; may be empty. */
  readonly note: string
}

export interface WorstWindow {
  readonly fromSecond: number
  readonly seconds: number
  readonly measured: number
}

/** One question that decides whether the measurement can be believed. */
export interface LoadCheck {
  readonly name: string
  /** `unknown`: this tool or target does not tell. */
  readonly word: 'ok' | 'invalid' | 'unknown'
  readonly measured: string
  readonly limit: string
  /** One line; empty unless invalid. */
  readonly reason: string
}

/** `invalid` outranks the rest: what must not be believed neither passes nor fails. */
export interface LoadVerdict {
  readonly word: 'pass' | 'fail' | 'invalid'
  /** Why the measurement must not be believed, one line each; empty unless invalid. */
  readonly invalid: readonly string[]
  /** What failed besides thresholds, such as too many failed requests where no threshold speaks of them. */
  readonly failures: readonly string[]
  readonly thresholds: readonly ThresholdVerdict[]
  readonly checks: readonly LoadCheck[]
}
