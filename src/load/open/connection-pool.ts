import type { Socket } from 'node:net'
import { HttpConnection, type ConnectionContext } from './http-connection.ts'
import type { Endpoint } from './endpoint.ts'
import type { LoadClock } from '../worker/load-clock.ts'
import { Ring } from '../worker/ring.ts'
import { aborted } from '../worker/sender-session.ts'
import type { Ending } from '../worker/outcomes.ts'
import type { Sending } from './sending.ts'

export interface PoolOptions {
  readonly endpoint: Endpoint
  readonly clock: LoadClock
  /** Connections at the beginning. */
  readonly size: number
  /** The pool grows to so many as they are needed. */
  readonly maxSize: number
  /** Sockets opened a second at most, before the load and while it runs. */
  readonly opensPerSec: number
  readonly onEnd: (connection: HttpConnection, sending: Sending, ending: Ending) => void
  /** A connection has become free outside of `onEnd`. */
  readonly onFree: () => void
}

const openEveryMs = 20
/** Idle connections are looked at so often: whether the other side is about to close them. */
const renewEveryMs = 250
/** A growing pool keeps this share of it, and so many, free for what comes next. */
const spareShare = 0.1
const leastSpare = 4

/** How long a target may refuse every connection before it counts as gone. */
const patienceMs = 3000

/** Connections that are all held open and take turns. */
export class ConnectionPool {
  readonly #connections: Set<HttpConnection>
  readonly #options: PoolOptions
  readonly #context: ConnectionContext
  /** Free connections, the longest idle one first; those that closed meanwhile are passed over. */
  readonly #idle = new Ring<HttpConnection>()
  readonly #queued = new Set<HttpConnection>()
  readonly #down = new Set<HttpConnection>()
  #settled: (() => void) | undefined
  #open = 0
  #allowance = 0
  #allowedAtMs = 0
  #lastOpenFailed = false
  /** Since when every attempt to connect has failed, and no connection is open. */
  #refusedSinceMs: number | undefined
  readonly #gone = new AbortController()
  #holds = false
  #opening: NodeJS.Timeout | undefined
  #renewing: NodeJS.Timeout | undefined
  readonly counts = { opened: 0, reopened: 0, peak: 0 }
  /** Sockets that could not be opened, by the code of the error. */
  readonly failures: Record<string, number> = {}

  constructor(options: PoolOptions) {
    this.#options = options
    this.#context = {
      endpoint: options.endpoint,
      clock: options.clock,
      onSocket: (socket, again) => this.#count(socket, again),
      onSocketFailed: (error) => this.#countFailure(error),
      onOpened: (connection) => this.#opened(connection),
      onDown: (connection) => this.#takeDown(connection),
      onEnd: (connection, sending, ending) => options.onEnd(connection, sending, ending),
    }
    this.#connections = new Set(
      Array.from({ length: options.size }, () => new HttpConnection(this.#context, false)),
    )
    for (const connection of this.#connections) this.#down.add(connection)
  }

  /** Aborted when the target has refused every connection for three seconds. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** Opens all connections at the rate of the options; resolves when each was tried once, or `signal` aborts. */
  async openAll(signal: AbortSignal, onProgress: (opened: number) => void): Promise<void> {
    const tried = new Set<HttpConnection>()
    let left = this.#connections.size
    const allTried = new Promise<void>((resolve) => {
      this.#settled = () => {
        left -= 1
        if (left === 0) resolve()
      }
    })
    this.#allowedAtMs = performance.now()
    const timer = setInterval(() => {
      for (const connection of this.#allowedOpens()) {
        if (tried.has(connection)) this.#down.add(connection)
        else connection.open()
        tried.add(connection)
      }
      onProgress(this.counts.opened)
    }, openEveryMs)
    await Promise.race([allTried, aborted(signal)])
    clearInterval(timer)
    this.#settled = undefined
    onProgress(this.counts.opened)
    this.#holds = true
    this.#openLater()
    this.#renewing = setInterval(() => this.#renewIdle(), renewEveryMs)
  }

  /**
   * The connection whose turn it is; when none is free, one that is down or a new one, which opens for the request; or
   * undefined when all are busy and there may be no more.
   */
  take(): HttpConnection | undefined {
    if (this.#connections.size < this.#options.maxSize) this.#keepSpare()
    for (;;) {
      const connection = this.#idle.shift()
      if (connection === undefined) break
      this.#queued.delete(connection)
      if (connection.state === 'idle') return connection
    }
    for (const connection of this.#down) {
      this.#down.delete(connection)
      return connection
    }
    return undefined
  }

  /**
   * Takes a connection back whose request is over. One that went down before it was given back may carry the next request
   * already: it is not free, and a second request on it would replace the first.
   */
  giveBack(connection: HttpConnection): void {
    if (connection.state === 'idle') this.#offer(connection)
    else if (connection.state === 'down') this.#takeDown(connection)
  }

  /** Closes a connection for good and puts another one in its place. */
  replace(connection: HttpConnection): void {
    connection.drop()
    const fresh = new HttpConnection(this.#context, true)
    this.#connections.delete(connection)
    this.#connections.add(fresh)
    this.#takeDown(fresh)
  }

  close(): void {
    this.#holds = false
    clearTimeout(this.#opening)
    clearInterval(this.#renewing)
    for (const connection of this.#connections) connection.drop()
  }

  /** Adds connections before they are missed: to open one may take longer than an answer. */
  #keepSpare(): void {
    const { size } = this.#connections
    const wanted = Math.max(leastSpare, Math.ceil(size * spareShare))
    const missing = wanted - this.#idle.length - this.#down.size
    for (let added = 0; added < missing && size + added < this.#options.maxSize; added += 1) {
      const connection = new HttpConnection(this.#context, false)
      this.#connections.add(connection)
      this.#takeDown(connection)
    }
  }

  #renewIdle(): void {
    const nowNs = this.#options.clock.nowNs()
    for (const connection of this.#connections) {
      if (connection.idleUntilNs > nowNs || connection.state !== 'idle') continue
      connection.renew()
      this.#takeDown(connection)
    }
  }

  #offer(connection: HttpConnection): void {
    if (this.#queued.has(connection)) return
    this.#queued.add(connection)
    this.#idle.push(connection)
  }

  #opened(connection: HttpConnection): void {
    this.#lastOpenFailed = connection.state !== 'idle'
    this.giveBack(connection)
    this.#settled?.()
    // One that could not be opened is free too: for a request that will be refused, and must not wait.
    this.#options.onFree()
  }

  /** Takes in a connection that is down; it is opened soon, or for a request that finds no other. */
  #takeDown(connection: HttpConnection): void {
    this.#down.add(connection)
    this.#openLater()
  }

  #openLater(): void {
    if (!this.#holds || this.#opening !== undefined || this.#down.size === 0) return
    this.#opening = setTimeout(() => {
      this.#opening = undefined
      for (const connection of this.#allowedOpens()) {
        connection.open()
        // What refuses one connection will refuse more.
        if (this.#lastOpenFailed) break
      }
      this.#openLater()
    }, openEveryMs)
  }

  /** Takes as many connections that are down as may be opened by now. */
  *#allowedOpens(): Generator<HttpConnection> {
    const now = performance.now()
    const { opensPerSec } = this.#options
    const earned = ((now - this.#allowedAtMs) / 1000) * opensPerSec
    this.#allowance = Math.min(this.#allowance + earned, Math.max(1, opensPerSec / 10))
    this.#allowedAtMs = now
    const { size } = this.#down
    for (let place = 0; place < size && this.#allowance >= 1; place += 1) {
      const [connection] = this.#down
      if (connection === undefined) return
      this.#down.delete(connection)
      this.#allowance -= 1
      yield connection
    }
  }

  #countFailure({ code, name }: NodeJS.ErrnoException): void {
    const why = code ?? name
    this.failures[why] = (this.failures[why] ?? 0) + 1
    if (this.#open > 0) return
    const now = performance.now()
    this.#refusedSinceMs ??= now
    if (now - this.#refusedSinceMs >= patienceMs) this.#gone.abort()
  }

  #count(socket: Socket, again: boolean): void {
    this.counts.opened += 1
    if (again) this.counts.reopened += 1
    this.#open += 1
    this.#refusedSinceMs = undefined
    this.counts.peak = Math.max(this.counts.peak, this.#open)
    socket.once('close', () => {
      this.#open -= 1
    })
  }
}
