import { setTimeout as pause } from 'node:timers/promises'
import type { PlannedRequest } from '../../scenario/load-profile/load-profile.ts'
import { levelAt, plannedSeconds } from '../../core/load-stages.ts'
import type { LoadPlan } from '../load-plan.ts'
import { afterReading } from '../worker/after-reading.ts'
import type { Executor } from './executor.ts'
import type { LoadClock } from '../worker/load-clock.ts'
import type { Sender } from './sender.ts'
import type { Ending } from '../worker/outcomes.ts'
import type { Sending } from './sending.ts'

export interface ClosedModelOptions {
  readonly plan: Pick<LoadPlan, 'stages' | 'maxRequests'>
  /** Users over all senders; each has one request under way at most. */
  readonly users: number
  /** This sender has the users and requests `first`, `first + stride`, … */
  readonly first: number
  readonly stride: number
  readonly sequence: (index: number) => PlannedRequest
  /** Think time before a request in milliseconds. */
  readonly thinkMsAt: (index: number) => number
  readonly clock: LoadClock
}

/** How long a user waits before the stages have started it, or after a refused connection. */
const idleMs = 50

/** A closed model: each user waits for the answer, then for the think time, and sends the next request. */
export class ClosedModel implements Executor {
  readonly #options: ClosedModelOptions
  readonly #sender: Sender
  readonly #endNs: number
  readonly finished: Promise<void>
  readonly #resume = new Map<number, (ending: Ending) => void>()
  readonly #stopping = new AbortController()
  #taken = 0
  #lastNs = 0

  constructor(sender: Sender, options: ClosedModelOptions) {
    this.#options = options
    this.#sender = sender
    this.#endNs = plannedSeconds(options.plan) * 1e9
    sender.isClosedLoop = true
    sender.onSettled = (sending, ending) => this.#settled(sending, ending)
    const users: Promise<void>[] = []
    for (let user = options.first; user < options.users; user += options.stride) users.push(this.#run(user))
    this.finished = Promise.all(users).then(() => undefined)
  }

  get drivenNs(): number {
    return Math.min(this.#lastNs, this.#endNs)
  }

  stop(): void {
    this.#lastNs = Math.max(0, this.#options.clock.nowNs())
    this.#stopping.abort()
  }

  async #run(user: number): Promise<void> {
    await this.#sendInTurn(user).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) throw error
    })
    if (!this.#stopping.signal.aborted) this.#lastNs = this.#options.clock.nowNs()
  }

  async #sendInTurn(user: number): Promise<void> {
    const { plan, users, first, stride, sequence, thinkMsAt, clock } = this.#options
    const { signal } = this.#stopping
    for (;;) {
      const now = clock.nowNs()
      if (now >= this.#endNs) return
      if (levelAt(plan.stages, now / 1e9) * users <= user) {
        await pause(idleMs, undefined, { signal })
        continue
      }
      const index = first + this.#taken * stride
      if (index >= plan.maxRequests) return
      this.#taken += 1
      const thinkMs = thinkMsAt(index)
      if (thinkMs > 0) await pause(thinkMs, undefined, { signal })
      else await new Promise<void>(afterReading)
      if (clock.nowNs() >= this.#endNs || signal.aborted) return
      const ending = await new Promise<Ending>((resolve) => {
        this.#resume.set(index, resolve)
        this.#sender.submit(sequence(index), NaN)
      })
      if (signal.aborted) return
      if (ending === 'refused') await pause(idleMs, undefined, { signal })
    }
  }

  #settled({ planned }: Sending, ending: Ending): void {
    this.#resume.get(planned.index)?.(ending)
    this.#resume.delete(planned.index)
  }
}
