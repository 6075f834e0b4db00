import type { PlannedRequest } from '../../scenario/load-profile.ts'
import { plannedSeconds } from '../load-plan.ts'
import { arrivalTimes, type ArrivalPlan } from '../schedule.ts'
import type { Driver } from './driver.ts'
import type { LoadClock } from './load-clock.ts'
import type { Sender } from './sender.ts'

export interface ArrivalOptions {
  readonly plan: ArrivalPlan
  /** This sender has the arrivals `first`, `first + stride`, … */
  readonly first: number
  readonly stride: number
  readonly sequence: (index: number) => PlannedRequest
  readonly clock: LoadClock
  /** So many arrivals were taken up. */
  readonly onTaken: (count: number) => void
}

/** Open loop: requests come when they are due, whatever became of those before. */
export class Arrivals implements Driver {
  readonly #options: ArrivalOptions
  readonly #sender: Sender
  readonly #nextTime: () => number | undefined
  #taken = 0
  #dueNs: number | undefined
  #planned: PlannedRequest | undefined
  #lastDueNs = 0
  #stoppedNs: number | undefined

  constructor(sender: Sender, options: ArrivalOptions) {
    this.#options = options
    this.#sender = sender
    this.#nextTime = arrivalTimes(options.plan, options.first, options.stride)
    this.#advance()
  }

  get isFinished(): boolean {
    return this.#dueNs === undefined
  }

  get drivenNs(): number {
    if (this.#stoppedNs !== undefined) return this.#stoppedNs
    const { plan, first, stride } = this.#options
    const isCut = first + this.#taken * stride >= plan.maxRequests
    return isCut ? this.#lastDueNs : plannedSeconds(plan) * 1e9
  }

  /** Sends everything that is due. */
  fire(): void {
    if (this.#dueNs === undefined) return
    const now = this.#options.clock.nowNs()
    if (this.#dueNs > now) return
    while (this.#dueNs !== undefined && this.#dueNs <= now) {
      const planned = this.#planned!
      this.#lastDueNs = this.#dueNs
      this.#taken += 1
      this.#sender.submit(planned, this.#dueNs)
      this.#advance()
    }
    this.#options.onTaken(this.#taken)
  }

  stop(): void {
    if (this.isFinished) return
    this.#stoppedNs = Math.max(0, this.#options.clock.nowNs())
    this.#dueNs = undefined
  }

  /** The next request is made before its time. */
  #advance(): void {
    this.#dueNs = this.#nextTime()
    if (this.#dueNs === undefined) return
    const { first, stride, sequence } = this.#options
    this.#planned = sequence(first + this.#taken * stride)
  }
}
