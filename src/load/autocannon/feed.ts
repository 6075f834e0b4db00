import type { PlannedRequest } from '../../scenario/load-profile/load-profile.ts'

export interface FeedOptions {
  readonly sequence: (index: number) => PlannedRequest
  /** This feed has the requests `first`, `first + stride`, … below `maxRequests`. */
  readonly first: number
  readonly stride: number
  readonly maxRequests: number
  /** Intended starts, in nanoseconds since the load began, as `arrivalTimes` gives them; null in a closed loop. */
  readonly times: (() => number | undefined) | null
}

/** A request with its intended start, which is NaN in a closed loop. */
export interface DueRequest {
  readonly planned: PlannedRequest
  readonly dueNs: number
}

/** One worker's requests, in the order of the sequence. */
export class Feed {
  readonly #options: FeedOptions
  #taken = 0
  #endNs = Infinity
  /** When the next request is due: `-Infinity` (now) in a closed loop, undefined when there is none left. */
  nextDueNs: number | undefined

  constructor(options: FeedOptions) {
    this.#options = options
    this.nextDueNs = this.#nextTime()
  }

  get isClosedLoop(): boolean {
    return this.#options.times === null
  }

  /** Whether the limit of requests has cut it short. */
  get isCut(): boolean {
    const { first, stride, maxRequests } = this.#options
    return first + this.#taken * stride >= maxRequests
  }

  /** The next request, if it is due at that moment. Throws as the sequence does. */
  take(nowNs: number): DueRequest | undefined {
    const dueNs = this.nextDueNs
    if (dueNs === undefined || dueNs > nowNs) return undefined
    const { sequence, first, stride } = this.#options
    const planned = sequence(first + this.#taken * stride)
    this.#taken += 1
    this.nextDueNs = this.#nextTime()
    return { planned, dueNs: dueNs === -Infinity ? NaN : dueNs }
  }

  /** Nothing that is due later is given out. */
  endAt(atNs: number): void {
    this.#endNs = atNs
    if (this.nextDueNs !== undefined && this.nextDueNs > atNs) this.nextDueNs = undefined
  }

  #nextTime(): number | undefined {
    const { times } = this.#options
    if (times !== null) {
      const dueNs = times()
      return dueNs !== undefined && dueNs > this.#endNs ? undefined : dueNs
    }
    return this.isCut ? undefined : -Infinity
  }
}
