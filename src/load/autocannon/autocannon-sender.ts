import type { LoadProfile } from '../../scenario/load-profile/load-profile.ts'
import type { LoadClock } from '../worker/load-clock.ts'
import { OutcomeRecorder, type Ending } from '../worker/outcomes.ts'
import { Ring } from '../worker/ring.ts'
import { aborted } from '../worker/run-session.ts'
import { WaitLog } from '../worker/wait-log.ts'
import type { DueRequest, Feed } from './feed.ts'
import type { ClientEvents, GuardedClient } from './guarded-client.ts'

export interface SenderOptions {
  readonly requests: LoadProfile['requests']
  readonly feed: Feed
  readonly clock: LoadClock
  readonly timeoutMs: number
  readonly warmUpSeconds: number
}

interface Flight extends DueRequest {
  sentNs: number
  /** By how much it was sent later than it could have been; NaN in a closed loop. */
  latenessNs: number
}

/** How long the target may refuse all connections before it is given up. */
const patienceNs = 3e9
const longestPauseMs = 500
const openEveryMs = 5

/** Gives requests to autocannon's connections as they become free, and accounts for what becomes of each. */
export class AutocannonSender implements ClientEvents {
  readonly outcomes: OutcomeRecorder
  readonly connections = { opened: 0, reopened: 0, peak: 0 }
  readonly waits: WaitLog
  /** Failed attempts to connect while the load ran, by the code of the error. */
  readonly connectFailures: Record<string, number> = {}
  sent = 0
  /** Whether the target was given up because it refused all connections. */
  gaveUp = false
  /** When sending ended, in nanoseconds since the load began. */
  drivenNs = 0
  readonly #options: SenderOptions
  readonly #clients: GuardedClient[] = []
  /** Clients that have not been opened, for when the others are not enough. */
  #reserve: GuardedClient[] = []
  #state: 'waiting' | 'sending' | 'stopped' = 'waiting'
  /** Free connections, the longest idle one first; those that closed meanwhile are passed over. */
  readonly #idle = new Ring<GuardedClient>()
  /** Requests under way, the oldest first. */
  readonly #flights = new Map<GuardedClient, Flight>()
  #up = 0
  #lastUpNs = 0
  #lastDueNs = Infinity
  #untilNs = 0
  #onTried: () => void = () => undefined
  #onStopped: () => void = () => undefined
  #onFailed: (reason: unknown) => void = () => undefined
  #end: NodeJS.Timeout | undefined
  #pumping: NodeJS.Timeout | undefined
  #expiry: NodeJS.Timeout | undefined

  constructor(options: SenderOptions) {
    this.#options = options
    this.waits = new WaitLog(options.warmUpSeconds)
    this.outcomes = new OutcomeRecorder(options.requests)
  }

  add(client: GuardedClient): void {
    this.#clients.push(client)
  }

  /** Opens so many connections at a rate; resolves when each was tried once, or `signal` aborts. The rest is a reserve. */
  async openAll(
    count: number,
    perSec: number,
    signal: AbortSignal,
    onProgress: (opened: number) => void,
  ): Promise<void> {
    this.#reserve = this.#clients.splice(count)
    const clients = [...this.#clients]
    const beganMs = performance.now()
    let begun = 0
    const ticks = setInterval(() => {
      const allowed = Math.min(clients.length, ((performance.now() - beganMs) / 1000) * perSec)
      while (begun < allowed) clients[begun++]!.open()
      onProgress(this.connections.opened)
    }, openEveryMs)
    let untried = clients.length
    const allTried = new Promise<void>((resolve) => {
      this.#onTried = () => {
        untried -= 1
        if (untried === 0) resolve()
      }
    })
    await Promise.race([allTried, aborted(signal)])
    clearInterval(ticks)
    onProgress(this.connections.opened)
  }

  /**
   * Sends until the load has lasted so long, requests run out, the target is given up, or it is stopped.
   * @throws UsageError when the profile throws
   */
  async drive(untilNs: number): Promise<void> {
    const { clock } = this.#options
    await new Promise<void>((resolve, reject) => {
      this.#onStopped = resolve
      this.#onFailed = reject
      if (this.#state === 'stopped') return resolve()
      this.#state = 'sending'
      this.#untilNs = untilNs
      // The clock began anew.
      const now = clock.nowNs()
      for (const client of this.#clients) client.sinceNs = client.state === 'idle' ? -Infinity : now
      this.#end = setTimeout(() => this.#timeIsUp(), (untilNs - clock.nowNs()) / 1e6)
      this.#pump()
    })
  }

  /** Sends nothing new, and closes connections as they become free; what was due until `dueUntilNs` was never sent. */
  stop(atNs = Math.max(0, this.#options.clock.nowNs()), dueUntilNs = atNs): void {
    if (this.#state === 'stopped') return
    this.drivenNs = this.#state === 'waiting' ? 0 : atNs
    this.#state = 'stopped'
    clearTimeout(this.#end)
    clearTimeout(this.#pumping)
    this.#recordUnsent(dueUntilNs)
    for (const client of [...this.#clients, ...this.#reserve]) if (client.state !== 'busy') client.close()
    this.#onStopped()
  }

  /** Ends the load now; what is due by then is sent, as at the end of its time. */
  finish(): void {
    if (this.#state !== 'sending') return
    clearTimeout(this.#end)
    this.#untilNs = Math.max(0, this.#options.clock.nowNs())
    this.#options.feed.endAt(this.#untilNs)
    this.#timeIsUp()
  }

  /** Closes everything, whatever is under way. */
  dispose(): void {
    this.stop()
    clearTimeout(this.#expiry)
    for (const client of [...this.#clients, ...this.#reserve]) client.close()
  }

  #timeIsUp(): void {
    const { feed, timeoutMs } = this.#options
    if (feed.isClosedLoop || feed.nextDueNs === undefined) this.stop(this.#untilNs)
    // What is due and waits for a connection may still find one.
    else this.#end = setTimeout(() => this.stop(this.#untilNs), timeoutMs)
  }

  onUp(client: GuardedClient): void {
    this.connections.opened += 1
    if (client.opened > 1) this.connections.reopened += 1
    this.#up += 1
    this.connections.peak = Math.max(this.connections.peak, this.#up)
    if (client.attempts === 1) this.#onTried()
  }

  onFree(client: GuardedClient): void {
    if (this.#state === 'stopped') client.close()
    else if (this.#state === 'waiting' || !this.#sendOn(client)) this.#idle.push(client)
  }

  onEnd(client: GuardedClient, ending: Ending, status: number, isHtml: boolean): void {
    const flight = this.#flights.get(client)!
    this.#flights.delete(client)
    this.#record(flight, ending, status, isHtml)
  }

  onDown(client: GuardedClient, failure: NodeJS.ErrnoException | null): void {
    const now = this.#options.clock.nowNs()
    if (failure === null) {
      this.#up -= 1
      this.#lastUpNs = now
    } else if (client.attempts === 1) this.#onTried()
    if (failure !== null && this.#state === 'sending') this.#refuse(client, failure, now)
    if (this.#state === 'stopped') return client.close()
    const pauseMs = client.fruitless === 0 ? 0 : Math.min(longestPauseMs, 5 * 2 ** client.fruitless)
    setTimeout(() => this.#state !== 'stopped' && client.open(), pauseMs)
  }

  /** A connection that cannot be made costs the request that would have been sent on it. */
  #refuse(client: GuardedClient, { code = 'UNKNOWN' }: NodeJS.ErrnoException, now: number): void {
    this.connectFailures[code] = (this.connectFailures[code] ?? 0) + 1
    const due = this.#take(now)
    if (due !== undefined) {
      this.sent += 1
      this.#record({ ...due, sentNs: client.sinceNs, latenessNs: 0 }, 'refused')
    } else this.#stopWhenSpent(now)
    if (this.#up > 0 || now - this.#lastUpNs < patienceNs) return
    this.gaveUp = true
    this.stop(now, Infinity)
  }

  /** Sends what is due on idle connections, and again when the next request is due. */
  #pump(): void {
    const { feed, clock } = this.#options
    const hadBegun = clock.nowNs() >= 0
    for (;;) {
      const client = this.#idle.shift()
      if (client === undefined) break
      if (client.state !== 'idle' || this.#sendOn(client)) continue
      this.#idle.push(client)
      break
    }
    if (this.#state === 'stopped' || feed.nextDueNs === undefined) return
    // What waits since the last pump, a millisecond ago, has found no connection.
    if (this.#idle.length === 0 && feed.nextDueNs >= 0 && feed.nextDueNs < clock.nowNs()) {
      const client = this.#reserve.pop()
      if (client !== undefined) this.#clients.push(client)
      client?.open()
    }
    const pauseMs = (Math.max(feed.nextDueNs, 0) - clock.nowNs()) / 1e6
    // In a closed loop it is answers that make it go on, once there is a first request: the load may begin meanwhile.
    if (!hadBegun || pauseMs > 0 || feed.nextDueNs >= 0)
      this.#pumping = setTimeout(() => this.#pump(), pauseMs)
  }

  #sendOn(client: GuardedClient): boolean {
    const { clock, timeoutMs } = this.#options
    const now = clock.nowNs()
    if (now < 0) return false
    const due = this.#take(now)
    if (due === undefined) {
      this.#stopWhenSpent(now)
      return false
    }
    if (due.dueNs >= 0) this.#lastDueNs = due.dueNs
    const freeNs = client.sinceNs
    const flight: Flight = { ...due, sentNs: now, latenessNs: NaN }
    this.#flights.set(client, flight)
    client.send(due.planned)
    this.sent += 1
    flight.sentNs = client.sinceNs
    flight.latenessNs = flight.sentNs - Math.max(due.dueNs, freeNs)
    if (freeNs > due.dueNs) this.waits.record(freeNs - due.dueNs, due.dueNs)
    if (this.#expiry === undefined) this.#expireIn(timeoutMs)
    return true
  }

  #take(nowNs: number): DueRequest | undefined {
    try {
      return this.#options.feed.take(nowNs)
    } catch (error) {
      this.#onFailed(error)
      return undefined
    }
  }

  #stopWhenSpent(now: number): void {
    const { feed } = this.#options
    if (feed.nextDueNs !== undefined || this.#flights.size > 0) return
    if (feed.isCut) this.stop(Math.min(now, this.#lastDueNs))
    else if (now >= this.#untilNs) this.stop(this.#untilNs)
  }

  #expireIn(ms: number): void {
    // Answers that have come meanwhile are read first. Connections keep the process alive, not what watches them.
    this.#expiry = setTimeout(() => setImmediate(() => this.#expire()), ms).unref()
  }

  #expire(): void {
    this.#expiry = undefined
    const now = this.#options.clock.nowNs()
    for (const [client, { sentNs }] of this.#flights) {
      const leftMs = (sentNs - now) / 1e6 + this.#options.timeoutMs
      if (leftMs > 0) return this.#expireIn(Math.ceil(leftMs))
      client.expire()
    }
  }

  #recordUnsent(dueUntilNs: number): void {
    const { feed } = this.#options
    // A closed loop owes nothing.
    if (feed.isClosedLoop) return
    for (let due = this.#take(dueUntilNs); due !== undefined; due = this.#take(dueUntilNs)) {
      this.#record({ ...due, sentNs: 0, latenessNs: NaN }, 'neverSent')
    }
  }

  #record(flight: Flight, ending: Ending, status = 0, isHtml = false): void {
    const { planned, dueNs, sentNs, latenessNs } = flight
    const now = this.#options.clock.nowNs()
    const startNs = Number.isNaN(dueNs) ? sentNs : dueNs
    this.outcomes.record({
      op: planned.op,
      ending,
      status,
      isHtml,
      second: Math.max(0, Math.floor(startNs / 1e9)),
      serviceNs: now - sentNs,
      responseNs: now - dueNs,
      latenessNs,
    })
  }
}
