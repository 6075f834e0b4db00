/** Timed samples of one side in one slice of a round. Calls of the lead-in are not among them. */
export interface SampledSlice {
  /** Place in the round; slices of the same block ran back to back. */
  readonly block: number
  /** Durations in nanoseconds, ascending. */
  readonly sortedNs: Float64Array
}

/** Slices of one round, which is one fresh process. */
export interface SampledRound {
  readonly round: number
  readonly slices: readonly SampledSlice[]
}
