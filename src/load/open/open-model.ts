import type { PlannedRequest } from '../../scenario/load-profile/load-profile.ts'
import { plannedSeconds } from '../../core/load-stages.ts'
import { arrivalTimes, type ArrivalPlan } from '../arrival-times.ts'
import type { Executor } from './executor.ts'
import type { LoadClock } from '../worker/load-clock.ts'
import type { Sender } from './sender.ts'

export interface OpenModelOptions {
  readonly plan: ArrivalPlan
  /** This sender has the arrivals `first`, `first + stride`, … */
  readonly first: number
  readonly stride: number
  readonly sequence: (index: number) => PlannedRequest
  readonly clock: LoadClock
}

/** Timers know whole milliseconds and come up to one too late: what is due before the next one leaves now. */
export const aheadNs = 1.25e6

/**
 * An open model: requests come when they are due, whatever became of those before. They leave up to `aheadNs` early, those of
 * a millisecond together: to wake for each would cost more than to send it, and to wake late would be in its response
 * time.
 */
export class OpenModel implements Executor {
  readonly finished: Promise<void>
  readonly #options: OpenModelOptions
  readonly #sender: Pick<Sender, 'submit' | 'giveUp'>
  readonly #nextTime: () => number | undefined
  #finish: () => void = () => undefined
  #timer: NodeJS.Timeout | undefined
  #taken = 0
  #dueNs: number | undefined
  #planned: PlannedRequest | undefined
  #lastDueNs = 0
  #stoppedNs: number | undefined

  constructor(sender: Pick<Sender, 'submit' | 'giveUp'>, options: OpenModelOptions) {
    this.#options = options
    this.#sender = sender
    this.#nextTime = arrivalTimes(options.plan, options.first, options.stride)
    this.finished = new Promise((resolve) => {
      this.#finish = resolve
    })
    this.#advance()
    this.#beat()
  }

  get drivenNs(): number {
    if (this.#stoppedNs !== undefined) return this.#stoppedNs
    const { plan, first, stride } = this.#options
    const isCut = first + this.#taken * stride >= plan.maxRequests
    return isCut ? this.#lastDueNs : plannedSeconds(plan) * 1e9
  }

  stop(rest?: 'neverSent'): void {
    if (this.#dueNs === undefined) return
    clearTimeout(this.#timer)
    this.#stoppedNs = Math.max(0, this.#options.clock.nowNs())
    if (rest === 'neverSent') this.#giveUpRest()
    this.#dueNs = undefined
    this.#finish()
  }

  #giveUpRest(): void {
    for (; this.#dueNs !== undefined; this.#advance()) {
      this.#sender.giveUp(this.#planned!, this.#dueNs)
      this.#taken += 1
    }
  }

  #beat(): void {
    const horizonNs = this.#options.clock.nowNs() + aheadNs
    while (this.#dueNs !== undefined && this.#dueNs <= horizonNs) {
      const planned = this.#planned!
      this.#lastDueNs = this.#dueNs
      this.#taken += 1
      this.#sender.submit(planned, this.#dueNs)
      this.#advance()
    }
    if (this.#dueNs === undefined) return
    const leftMs = Math.floor((this.#dueNs - horizonNs) / 1e6)
    this.#timer = setTimeout(() => this.#beat(), Math.max(1, leftMs))
  }

  /** The next request is made before its time. */
  #advance(): void {
    this.#dueNs = this.#nextTime()
    if (this.#dueNs === undefined) return this.#finish()
    const { first, stride, sequence } = this.#options
    this.#planned = sequence(first + this.#taken * stride)
  }
}
