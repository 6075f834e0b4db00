/** What a delay line needs of time; tests pass their own. */
export interface DelayClock {
  readonly nowMs: () => number
  /** Calls back after about so many milliseconds. */
  readonly after: (ms: number, call: () => void) => void
}

export const delayClock: DelayClock = {
  nowMs: () => performance.now(),
  after: (ms, call) => void setTimeout(call, ms),
}

/**
 * One direction of a connection: what goes in comes out in the same order, each piece `delayMs` after it went in, or as
 * soon after that as the timers of the system allow.
 */
export class DelayLine<T> {
  readonly #delayMs: number
  readonly #forward: (piece: T, delayedMs: number) => void
  readonly #clock: DelayClock
  readonly #waiting: { readonly piece: T; readonly arrivedMs: number }[] = []
  #isArmed = false

  constructor(
    delayMs: number,
    forward: (piece: T, delayedMs: number) => void,
    clock: DelayClock = delayClock,
  ) {
    this.#delayMs = delayMs
    this.#forward = forward
    this.#clock = clock
  }

  push(piece: T): void {
    const arrivedMs = this.#clock.nowMs()
    if (this.#delayMs === 0 && this.#waiting.length === 0) return this.#forward(piece, 0)
    this.#waiting.push({ piece, arrivedMs })
    this.#arm()
  }

  #arm(): void {
    const [first] = this.#waiting
    if (first === undefined || this.#isArmed) return
    this.#isArmed = true
    const waitMs = first.arrivedMs + this.#delayMs - this.#clock.nowMs()
    this.#clock.after(Math.max(waitMs, 0), () => {
      this.#isArmed = false
      this.#flush()
    })
  }

  #flush(): void {
    const nowMs = this.#clock.nowMs()
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      if (first.arrivedMs + this.#delayMs > nowMs) break
      this.#waiting.shift()
      this.#forward(first.piece, nowMs - first.arrivedMs)
    }
    this.#arm()
  }
}
