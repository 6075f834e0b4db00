/** What a threshold says of the measured phase: in k6's syntax, judged by us for every engine alike. */
export interface ThresholdVerdict {
  readonly metric: string
  readonly expression: string
  readonly word: 'pass' | 'fail' | 'invalid'
  /** In the unit of the expression: milliseconds, a share, a count or a rate; null where nothing matched. */
  readonly measured: number | null
  readonly samples: number
  /** Why it is invalid, or which window failed. */
  readonly note: string
}

/** `invalid` outranks the rest: what must not be believed neither passes nor fails. */
export interface LoadVerdict {
  readonly word: 'pass' | 'fail' | 'invalid'
  /** Why the measurement must not be believed, one line each; empty unless invalid. */
  readonly invalid: readonly string[]
  /** What failed besides thresholds, such as rows that were acknowledged and are not there. */
  readonly failures: readonly string[]
  readonly thresholds: readonly ThresholdVerdict[]
}
