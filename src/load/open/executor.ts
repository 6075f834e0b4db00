/** Decides when requests are sent: by an open or a closed model of arrivals. */
export interface Executor {
  /** Resolves when nothing more will be sent. */
  readonly finished: Promise<void>
  /** When that was, in nanoseconds since the load began: at the end of the plan, or earlier. */
  readonly drivenNs: number
  /** Sends nothing more; with `'neverSent'` what would have been due later is accounted for. */
  stop(rest?: 'neverSent'): void
}
