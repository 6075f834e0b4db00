/** Time as a parameter: tests pass a fake one. */
export interface Clock {
  /** Monotonic nanoseconds since an arbitrary start. */
  nowNs(): number
}

/** The monotonic clock of the process, in whole nanoseconds (`performance.now` keeps them for months). */
export const monotonicClock: Clock = { nowNs: () => Math.round(performance.now() * 1e6) }
