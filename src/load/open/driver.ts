/** What decides when requests are sent. */
export interface Driver {
  /** Nothing more will be sent. */
  readonly isFinished: boolean
  /** When that was certain, in nanoseconds since the load began: the end of the plan, or earlier. */
  readonly drivenNs: number
  stop(): void
}
