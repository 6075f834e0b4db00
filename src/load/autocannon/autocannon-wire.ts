/* oxlint-disable no-underscore-dangle -- these are autocannon's names */
import { Socket } from 'node:net'
import type { Reading } from '../open/answer-reader.ts'
import { whenOpen } from '../open/when-open.ts'
import type { OpenSocket, Wire } from '../open/wire.ts'
import type { AnswerHead, InnerClient } from './inner-client.ts'

/** Longer than any load, and the longest that a timer takes. */
const neverMs = 2 ** 31 - 1

/**
 * One client of autocannon, which opens the sockets of a connection, writes its requests and parses their answers, and is
 * kept from what it does by itself: it writes the next request to a socket that is not open or about to close, opens
 * another socket when one closes without a word about the request that was lost with it, keeps the start time and half an
 * answer of that request for the next one, ignores what is no HTTP, crashes on an unrequested answer, and retries refused
 * connections without a pause.
 */
export class AutocannonWire implements Wire {
  status = 0
  isHtml = false
  mayStay = true
  readonly keepAliveSeconds = NaN
  readonly #inner: InnerClient
  readonly #connectTimeoutMs: number
  readonly #onRelease: (wire: AutocannonWire) => void
  readonly #openSocket: () => void
  readonly #writeRequest: () => void
  #bytes = ''
  #reading: Reading = 'more'

  /**
   * To be made in autocannon's `setupClient`, before the client has opened a socket. `onRelease` is called when the wire is
   * free for another connection.
   */
  constructor(inner: InnerClient, connectTimeoutMs: number, onRelease: (wire: AutocannonWire) => void) {
    this.#inner = inner
    this.#connectTimeoutMs = connectTimeoutMs
    this.#onRelease = onRelease
    this.#openSocket = inner._connect.bind(inner)
    this.#writeRequest = inner._doRequest.bind(inner)
    inner._connect = () => undefined
    inner._doRequest = () => undefined
    inner.getRequestBuffer = () => this.#bytes
    // Its timeouts tick for idle connections too, and have whole seconds.
    inner.timeout = neverMs
    // `destroy` expects a socket, opened or not.
    inner.conn = new Socket()
    inner.on('headers', (head) => this.#onHead(head as unknown as AnswerHead))
    inner.on('response', (status) => this.#onResponse(status))
  }

  readonly openSocket: OpenSocket = (callback, onBytes) => {
    const inner = this.#inner
    inner.pipelinedRequests.clear()
    inner.parser.reinitialize('RESPONSE')
    this.#openSocket()
    const { conn } = inner
    conn.removeAllListeners('error')
    conn.removeAllListeners('end')
    // The client, which listens too, has parsed them by then.
    conn.on('data', (bytes) => {
      if (conn === inner.conn) onBytes(bytes)
    })
    whenOpen(conn, inner.secure ? 'secureConnect' : 'connect', this.#connectTimeoutMs, callback)
  }

  begin(): void {
    this.status = 0
    this.#reading = 'more'
  }

  write(_socket: Socket, bytes: string): void {
    this.#bytes = bytes
    this.#writeRequest()
  }

  /** What the bytes amount to that the client has parsed. */
  push(): Reading {
    if (!this.#inner.parser.hadError) return this.#reading
    return this.#reading === 'more' ? 'broken' : 'excess'
  }

  release(): void {
    this.#onRelease(this)
  }

  get endsWithConnection(): boolean {
    return this.#inner.parser.state === 'BODY_RAW'
  }

  #onHead({ statusCode, shouldKeepAlive, headers }: AnswerHead): void {
    this.status = statusCode
    this.mayStay = shouldKeepAlive
    this.isHtml = isHtml(headers)
    if (this.#reading === 'answered') this.#reading = 'excess'
    // The client needs the request that an answer belongs to: an interim one has taken it, an unrequested one has none.
    if (this.#inner.pipelinedRequests.size() === 0) this.#inner.pipelinedRequests.insertRequest({})
  }

  #onResponse(status: number): void {
    if (status === 101) this.#reading = 'broken'
    else if (status >= 200 && this.#reading === 'more') this.#reading = 'answered'
  }
}

function isHtml(headers: readonly string[]): boolean {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() !== 'content-type') continue
    return headers[at + 1]!.toLowerCase().startsWith('text/html')
  }
  return false
}
