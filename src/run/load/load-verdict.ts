import type { ThresholdUnit } from '../threshold.ts'

/** What a threshold says of the measured phase: in k6's syntax, judged by us for every engine alike. */
export interface ThresholdVerdict {
  readonly metric: string
  readonly expression: string
  /** `pass` and `fail` hold for every value within the interval, whatever the sender may be doubted for. */
  readonly status: LoadStatus
  readonly unit: ThresholdUnit
  /**
   * In the unit of the expression; of the worst window where the threshold names one. Null where nothing matched, or too
   * few requests for the percentile; `Infinity` where the quantile is a failed request.
   */
  readonly measured: number | null
  /**
   * Its 95 % interval, by order statistics and with the dependence between requests; of the worst window where the
   * threshold names one. `high` is `Infinity` where no sample bounds it. Null where the load is too short for one.
   */
  readonly interval: { readonly low: number; readonly high: number } | null
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

/** What a load, or a threshold, says; worst last but for `inconclusive`, which says nothing yet. */
export type LoadStatus = 'pass' | 'fail' | 'inconclusive' | 'invalid'

/** One validity check. */
export interface LoadCheck {
  readonly name: string
  /**
   * `doubtful`: not ok, and what it may have done to the latencies has bounds, with which thresholds are judged.
   * `unknown`: this tool or target does not report it.
   */
  readonly status: 'ok' | 'doubtful' | 'invalid' | 'unknown'
  readonly measured: string
  readonly limit: string
  /** One line; empty unless doubtful or invalid. */
  readonly reason: string
}

/**
 * A measurement that is invalid as a whole outranks the rest. Then a threshold that certainly fails, then one that doubts
 * leave open (`invalid`), then one that the interval leaves open.
 */
export interface LoadVerdict {
  readonly status: LoadStatus
  /** Why the measurement is invalid, one line each; empty unless it is. */
  readonly invalid: readonly string[]
  /** Doubtful checks that changed nothing: every threshold has its status in spite of them. */
  readonly doubts: readonly string[]
  /** What failed besides thresholds, such as too many failed requests where no threshold is about them. */
  readonly failures: readonly string[]
  readonly thresholds: readonly ThresholdVerdict[]
  readonly checks: readonly LoadCheck[]
}
