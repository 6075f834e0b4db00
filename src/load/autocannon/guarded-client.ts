/* oxlint-disable no-underscore-dangle -- these are autocannon's names */
import { Socket } from 'node:net'
import type { PlannedRequest } from '../../scenario/load-profile/load-profile.ts'
import { afterReading } from '../worker/after-reading.ts'
import type { LoadClock } from '../worker/load-clock.ts'
import type { Ending } from '../worker/outcomes.ts'
import type { AnswerHead, InnerClient } from './inner-client.ts'

export interface ClientOptions {
  readonly clock: LoadClock
  /** The bytes of a request. */
  readonly render: (planned: PlannedRequest) => string
  /** After which an attempt to connect is given up. */
  readonly connectTimeoutMs: number
}

export interface ClientEvents {
  /** A socket is open. */
  readonly onUp: (client: GuardedClient) => void
  /** It can take a request. */
  readonly onFree: (client: GuardedClient) => void
  /** The request that it had is over. `isHtml`: the answer is a web page, where an API should have answered. */
  readonly onEnd: (client: GuardedClient, ending: Ending, status: number, isHtml: boolean) => void
  /**
   * It has no connection any more; with the error where none could be made. The owner may call `open`, in a later turn
   * of the loop: autocannon may still be reading.
   */
  readonly onDown: (client: GuardedClient, failure: NodeJS.ErrnoException | null) => void
}

/** Longer than any load, and the longest that a timer takes. */
const neverMs = 2 ** 31 - 1

/**
 * One connection of autocannon, kept from what its client does by itself: it writes the next request to a socket that is
 * not open or about to close, opens another socket when one closes without a word about the request that was lost with
 * it, keeps the start time and half an answer of that request for the next one, ignores what is no HTTP, crashes on an
 * unrequested answer, and retries refused connections without a pause. Sockets are opened, and requests
 * sent, when the owner says so; each request ends in exactly one `onEnd`.
 */
export class GuardedClient {
  state: 'down' | 'opening' | 'idle' | 'busy' | 'closed' = 'down'
  /** When it last began to open, became free or was given a request, in nanoseconds of its clock. */
  sinceNs = 0
  attempts = 0
  opened = 0
  /** Sockets in a row that brought no answer. */
  fruitless = 0
  readonly #inner: InnerClient
  readonly #options: ClientOptions
  readonly #events: ClientEvents
  readonly #openSocket: () => void
  readonly #writeRequest: () => void
  #bytes = ''
  #isHtml = false
  #mayStay = true
  #broughtAnswer = false

  /** To be made in autocannon's `setupClient`, before the client has opened a socket. */
  constructor(inner: InnerClient, options: ClientOptions, events: ClientEvents) {
    this.#inner = inner
    this.#options = options
    this.#events = events
    this.#openSocket = inner._connect.bind(inner)
    this.#writeRequest = inner._doRequest.bind(inner)
    inner._connect = () => undefined
    inner._doRequest = () => this.#afterAnswer()
    inner.getRequestBuffer = () => this.#bytes
    // Its timeouts tick for idle connections too, and have whole seconds.
    inner.timeout = neverMs
    // `destroy` expects a socket, opened or not.
    inner.conn = new Socket()
    inner.on('headers', (head) => this.#onHead(head as unknown as AnswerHead))
    inner.on('response', (status) => this.#onResponse(status))
  }

  /** Opens a socket; `onUp` and `onFree`, or `onDown`, follow. */
  open(): void {
    const inner = this.#inner
    this.#enter('opening')
    this.attempts += 1
    this.#mayStay = true
    this.#broughtAnswer = false
    inner.pipelinedRequests.clear()
    inner.parser.reinitialize('RESPONSE')
    this.#openSocket()
    this.#watch(inner.conn)
  }

  /** Writes a request to the idle connection. */
  send(planned: PlannedRequest): void {
    this.#isHtml = false
    this.#bytes = this.#options.render(planned)
    this.#enter('busy')
    this.#writeRequest()
  }

  /** Ends the request under way as timed out, and the connection with it. */
  expire(): void {
    this.#lose(this.#inner.conn, 'timedOut', null)
  }

  /** Ends it for good; nothing may be under way on it. */
  close(): void {
    this.state = 'closed'
    this.#inner.destroy()
  }

  #enter(state: 'opening' | 'idle' | 'busy'): void {
    this.state = state
    this.sinceNs = this.#options.clock.nowNs()
  }

  #watch(conn: Socket): void {
    conn.removeAllListeners('error')
    conn.removeAllListeners('end')
    const lost = (error: NodeJS.ErrnoException | null): void => this.#lose(conn, 'closed', error)
    conn.setTimeout(this.#options.connectTimeoutMs, () =>
      lost(Object.assign(new Error('connection timed out'), { code: 'ETIMEDOUT' })),
    )
    conn.once(this.#inner.secure ? 'secureConnect' : 'connect', () => {
      conn.setTimeout(0)
      conn.removeAllListeners('timeout')
      this.opened += 1
      this.#enter('idle')
      this.#events.onUp(this)
      this.#events.onFree(this)
    })
    conn.on('error', lost)
    conn.on('close', () => lost(null))
    conn.on('end', () => {
      this.#mayStay = false
      // An answer without a length ends with its connection.
      if (this.state === 'busy' && this.#inner.parser.state === 'BODY_RAW') this.#inner.parser.finish()
      lost(null)
    })
    conn.on('data', () => {
      if (this.#inner.parser.hadError) this.#lose(conn, 'broken', null)
    })
  }

  #onHead({ shouldKeepAlive, headers }: AnswerHead): void {
    this.#mayStay &&= shouldKeepAlive
    this.#isHtml = isHtml(headers)
    if (this.state === 'busy') return
    // The client looks for the request that an answer belongs to, and there is none.
    this.#mayStay = false
    this.#inner.pipelinedRequests.insertRequest({})
  }

  #onResponse(status: number): void {
    if (this.state !== 'busy') return
    if (status === 101) return this.#lose(this.#inner.conn, 'broken', null)
    // The answer itself is still to come.
    if (status < 200) return this.#inner.pipelinedRequests.insertRequest({})
    this.#enter('idle')
    this.#broughtAnswer = true
    this.#events.onEnd(this, 'answered', status, this.#isHtml)
  }

  #afterAnswer(): void {
    if (this.state !== 'idle') return
    if (this.#mayStay) this.#offerLater()
    else this.#lose(this.#inner.conn, 'closed', null)
  }

  #offerLater(): void {
    const { conn } = this.#inner
    afterReading(() => {
      if (this.state === 'idle' && conn === this.#inner.conn) this.#events.onFree(this)
    })
  }

  #lose(conn: Socket, ending: Ending, failure: NodeJS.ErrnoException | null): void {
    if (conn !== this.#inner.conn || this.state === 'down' || this.state === 'closed') return
    const before = this.state
    this.state = 'down'
    this.fruitless = this.#broughtAnswer ? 0 : this.fruitless + 1
    conn.removeAllListeners('data')
    conn.destroy()
    if (before === 'busy') this.#events.onEnd(this, ending, 0, false)
    this.#events.onDown(this, before === 'opening' ? (failure ?? new Error('closed while opening')) : null)
  }
}

function isHtml(headers: readonly string[]): boolean {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() !== 'content-type') continue
    return headers[at + 1]!.toLowerCase().startsWith('text/html')
  }
  return false
}
