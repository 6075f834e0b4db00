import type { LoadProfile, PlannedRequest } from '../../scenario/load-profile/load-profile.ts'
import { afterReading } from '../worker/after-reading.ts'
import type { HttpConnection } from './http-connection.ts'
import { ConnectionPool } from './connection-pool.ts'
import type { Endpoint } from './endpoint.ts'
import type { LoadClock } from '../worker/load-clock.ts'
import { OutcomeRecorder, type Ending } from '../worker/outcomes.ts'
import { Ring } from '../worker/ring.ts'
import { Sending } from './sending.ts'
import { WaitLog } from '../worker/wait-log.ts'

export interface SenderOptions {
  readonly requests: LoadProfile['requests']
  readonly endpoint: Endpoint
  readonly clock: LoadClock
  /** Opened before the load. */
  readonly connections: number
  /** The pool may grow to so many. */
  readonly maxConnections: number
  readonly warmUpSeconds: number
  readonly opensPerSec: number
}

/** Gives requests to connections, and accounts for what becomes of each. */
export class Sender {
  readonly pool: ConnectionPool
  readonly outcomes: OutcomeRecorder
  /** Called after each request that is over. */
  onSettled: (sending: Sending, ending: Ending) => void = () => undefined
  /** In a closed model the next request comes at once: a connection is free when its end would have been seen. */
  isClosedLoop = false
  sent = 0
  readonly waits: WaitLog
  readonly #clock: LoadClock
  readonly #timeoutNs: number
  readonly #waiting = new Ring<Sending>()
  /** Busy connections, the longest busy one first. */
  readonly #busy = new Set<HttpConnection>()
  #timeout: NodeJS.Timeout | undefined
  #onIdle: () => void = () => undefined

  constructor(options: SenderOptions) {
    const { requests, endpoint, clock, connections, maxConnections, opensPerSec } = options
    this.#clock = clock
    this.#timeoutNs = endpoint.timeoutMs * 1e6
    this.outcomes = new OutcomeRecorder(requests)
    this.waits = new WaitLog(options.warmUpSeconds)
    this.pool = new ConnectionPool({
      endpoint,
      clock,
      size: connections,
      maxSize: maxConnections,
      opensPerSec,
      onEnd: (connection, sending, ending) => this.#ended(connection, sending, ending),
      onFree: () => this.#serveWaiting(),
    })
  }

  /** Resolves when every request is over. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve
      this.#tellIdle()
    })
  }

  /** Sends a request on the connection whose turn it is, or as soon as one is free. `dueNs` is NaN without schedule. */
  submit(planned: PlannedRequest, dueNs: number): void {
    const sending = new Sending(planned, dueNs)
    sending.turnNs = this.#clock.nowNs()
    const connection = this.#waiting.length === 0 ? this.pool.take() : undefined
    if (connection === undefined) {
      sending.hasWaited = true
      this.#waiting.push(sending)
    } else this.#send(connection, sending, sending.turnNs)
  }

  /** Accounts for a request that is not sent at all. */
  giveUp(planned: PlannedRequest, dueNs: number): void {
    this.#record(new Sending(planned, dueNs), 'neverSent')
  }

  /** What waits for a connection is given up. */
  giveUpWaiting(): void {
    for (let sending = this.#waiting.shift(); sending !== undefined; sending = this.#waiting.shift()) {
      this.#record(sending, 'neverSent')
    }
    this.#tellIdle()
  }

  close(): void {
    clearTimeout(this.#timeout)
    this.giveUpWaiting()
    for (const { sending } of this.#busy) {
      if (sending !== null) this.#record(sending, 'abandoned')
    }
    this.#busy.clear()
    this.pool.close()
  }

  #send(connection: HttpConnection, sending: Sending, nowNs: number): void {
    this.sent += 1
    sending.takenNs = nowNs
    this.#busy.add(connection)
    connection.send(sending)
    this.#timeout ??= setTimeout(() => this.#expire(), this.#timeoutNs / 1e6)
  }

  #ended(connection: HttpConnection, sending: Sending, ending: Ending): void {
    this.#busy.delete(connection)
    this.#settle(sending, ending)
    const isNext = this.isClosedLoop || this.#waiting.length > 0
    if (connection.state === 'idle' && isNext) afterReading(() => this.#free(connection))
    else this.#free(connection)
  }

  #free(connection: HttpConnection): void {
    if (connection.state === 'dropped') return
    this.pool.giveBack(connection)
    this.#serveWaiting()
  }

  #serveWaiting(): void {
    while (this.#waiting.length > 0) {
      const connection = this.pool.take()
      if (connection === undefined) return
      this.#sendWaiting(connection)
    }
  }

  #sendWaiting(connection: HttpConnection): void {
    const sending = this.#waiting.shift()!
    const now = this.#clock.nowNs()
    this.#send(connection, sending, now)
    this.waits.record(now - sending.turnNs, sending.dueNs)
  }

  #expire(): void {
    this.#timeout = undefined
    const now = this.#clock.nowNs()
    for (const connection of this.#busy) {
      const { sending } = connection
      if (sending === null) continue
      const leftNs = sending.takenNs + this.#timeoutNs - now
      if (leftNs > 0) {
        this.#timeout = setTimeout(() => this.#expire(), Math.ceil(leftNs / 1e6))
        break
      }
      this.#busy.delete(connection)
      this.pool.replace(connection)
      // What could not even be written found no connection.
      this.#settle(sending, Number.isNaN(sending.writtenNs) ? 'refused' : 'timedOut')
    }
    this.#serveWaiting()
  }

  #tellIdle(): void {
    if (this.#busy.size === 0 && this.#waiting.length === 0) this.#onIdle()
  }

  #settle(sending: Sending, ending: Ending): void {
    this.#record(sending, ending)
    this.onSettled(sending, ending)
    this.#tellIdle()
  }

  #record(sending: Sending, ending: Ending): void {
    const { planned, dueNs, turnNs, takenNs, writtenNs, hasWaited, status, isHtml } = sending
    const now = this.#clock.nowNs()
    const begunNs = Number.isNaN(writtenNs) ? takenNs : writtenNs
    this.outcomes.record({
      op: planned.op,
      ending,
      status,
      isHtml,
      second: Math.max(0, Math.floor((Number.isNaN(dueNs) ? turnNs : dueNs) / 1e9)),
      serviceNs: now - begunNs,
      // What leaves early has waited for nothing.
      responseNs: now - Math.min(begunNs, dueNs),
      // A wait for a connection is the target's doing: lateness counts until the request's turn, not its writing.
      latenessNs: Math.max(0, (hasWaited ? turnNs : begunNs) - dueNs),
    })
  }
}
