import type { PlannedRequest } from '../../scenario/load-profile/load-profile.ts'

/** One request on its way, from its turn to its end. Times in nanoseconds since the load began. */
export class Sending {
  readonly planned: PlannedRequest
  /** Intended start; NaN where there is none. */
  readonly dueNs: number
  /** When its turn came. */
  turnNs = NaN
  /** Whether every connection was busy then. */
  hasWaited = false
  /** When a connection took it; NaN before. */
  takenNs = NaN
  /** When it was written to its connection; NaN before. */
  writtenNs = NaN
  /** Status of the answer; 0 before. */
  status = 0
  /** Whether the answer is a web page, where an API should have answered. */
  isHtml = false

  constructor(planned: PlannedRequest, dueNs: number) {
    this.planned = planned
    this.dueNs = dueNs
  }
}
