import type { Socket } from 'node:net'
import { UsageError } from '../../core/errors.ts'
import { Client, type Dispatcher } from 'undici'
import type { Endpoint, OpenSocket } from './endpoint.ts'
import type { LoadClock } from './load-clock.ts'
import type { Ending, Sending } from './sending.ts'

export interface ConnectionSurroundings {
  readonly endpoint: Endpoint
  readonly openSocket: OpenSocket
  readonly clock: LoadClock
  /** A socket is open; `again` when the connection had one before. */
  readonly onSocket: (socket: Socket, again: boolean) => void
  readonly onSocketFailed: (error: NodeJS.ErrnoException) => void
  /** `open` has ended; look at `state`. */
  readonly onOpened: (connection: Connection) => void
  /** It was idle, and the other side closed it. */
  readonly onDown: (connection: Connection) => void
  /** The request that it had is over, and it is `idle` or `down`. */
  readonly onEnd: (connection: Connection, sending: Sending, ending: Ending) => void
}

/** Longer than any load, and the longest that a timer takes. */
const neverMs = 2 ** 31 - 1

/**
 * One connection and the request on it. It sends what it is given once and never again; when its socket is gone it opens
 * another one for the next request.
 */
export class Connection implements Dispatcher.DispatchHandler {
  state: 'down' | 'opening' | 'idle' | 'busy' | 'dropped' = 'down'
  /** The request that it is busy with. */
  sending: Sending | null = null
  readonly #around: ConnectionSurroundings
  readonly #client: Client
  #spare: Socket | null = null
  #hadSocket: boolean

  constructor(around: ConnectionSurroundings, hadSocket: boolean) {
    this.#around = around
    this.#hadSocket = hadSocket
    this.#client = new Client(around.endpoint.url.origin, {
      // Never more than one: `idempotent: false` sees to that. With 1, undici waits a turn of the loop after each answer.
      pipelining: 2,
      // Timeouts are ours: these are checked about once a second.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: neverMs,
      keepAliveMaxTimeout: neverMs,
      keepAliveTimeoutThreshold: 1000,
      connect: (_options, callback) => {
        const spare = this.#takeSpare()
        // undici forgets its request when it is answered at once.
        if (spare !== null) queueMicrotask(() => callback(null, spare))
        else this.#openSocket((error, socket) => (error ? callback(error, null) : callback(null, socket!)))
      },
    })
    this.#client.on('disconnect', () => this.#disconnected())
  }

  /** Opens a socket ahead of the first request; `onOpened` follows. */
  open(): void {
    this.state = 'opening'
    this.#openSocket((_error, socket) => {
      if (this.state === 'dropped') return void socket?.destroy()
      if (socket !== null) {
        this.#spare = socket
        socket.on('error', ignore)
        socket.on('close', this.#lostSpare)
      }
      this.state = socket === null ? 'down' : 'idle'
      this.#around.onOpened(this)
    })
  }

  /** Sends a request; it must not be busy. `onEnd` follows. */
  send(sending: Sending): void {
    const { endpoint } = this.#around
    const { method, path, body, index } = sending.planned
    this.state = 'busy'
    this.sending = sending
    const headers = [...endpoint.headers, 'x-forgebench-request', String(index)]
    if (body !== null) headers.push('content-type', 'application/json')
    const options = {
      method,
      path: endpoint.basePath + path,
      body,
      headers,
      idempotent: false,
      blocking: false,
    }
    this.#client.dispatch(options, this)
  }

  /** Closes it, with whatever is under way on it, for good. */
  drop(): void {
    this.state = 'dropped'
    this.sending = null
    this.#takeSpare()?.destroy()
    this.#client.destroy(null, ignore)
  }

  onConnect(): void {
    if (this.sending !== null) this.sending.writtenNs = this.#around.clock.nowNs()
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    if (this.sending !== null) {
      this.sending.status = status
      this.sending.isHtml = isHtml(headers)
    }
    return true
  }

  onData(): boolean {
    return true
  }

  onComplete(): void {
    this.#end('answered', 'idle')
  }

  onError(error: NodeJS.ErrnoException): void {
    if (error.code === 'UND_ERR_INVALID_ARG') throw unsendable(error, this.sending)
    this.#end(endingOf(error, this.sending), 'down')
  }

  #end(ending: Ending, state: 'idle' | 'down'): void {
    const { sending } = this
    if (sending === null || this.state === 'dropped') return
    this.sending = null
    this.state = state
    this.#around.onEnd(this, sending, ending)
  }

  #disconnected(): void {
    // A request that was given to it and is not yet written makes undici open another socket by itself.
    if (this.state !== 'idle') return
    this.state = 'down'
    this.#around.onDown(this)
  }

  #openSocket(callback: Parameters<OpenSocket>[0]): void {
    this.#around.openSocket((error, socket) => {
      if (socket !== null) {
        this.#around.onSocket(socket, this.#hadSocket)
        this.#hadSocket = true
      } else if (error !== null) this.#around.onSocketFailed(error)
      callback(error, socket)
    })
  }

  readonly #lostSpare = (): void => {
    this.#spare = null
    if (this.state !== 'idle') return
    this.state = 'down'
    this.#around.onDown(this)
  }

  #takeSpare(): Socket | null {
    const spare = this.#spare
    this.#spare = null
    if (spare === null) return null
    spare.removeListener('close', this.#lostSpare)
    if (spare.destroyed) return null
    spare.removeListener('error', ignore)
    return spare
  }
}

const ignore = (): void => undefined

function isHtml(headers: readonly Buffer[]): boolean {
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!
    if (name.length !== 12 || name.toString('latin1').toLowerCase() !== 'content-type') continue
    return headers[at + 1]!.toString('latin1', 0, 9).toLowerCase() === 'text/html'
  }
  return false
}

const unsendable = ({ message }: Error, sending: Sending | null): UsageError => {
  const { index, op } = sending?.planned ?? { index: -1, op: '' }
  return new UsageError(
    'REQUEST_INVALID',
    `request ${index} of the profile (${op}) cannot be sent: ${message}`,
  )
}

function endingOf({ name, code, message }: NodeJS.ErrnoException, sending: Sending | null): Ending {
  if (sending === null || Number.isNaN(sending.writtenNs)) return 'refused'
  // The end of the connection is an error of the protocol where it cuts off an answer in chunks.
  if (name === 'HTTPParserError') return message.includes('EOF') ? 'closed' : 'broken'
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return 'broken'
  // undici closes the connection of what answers with a wrong 1xx, or unasked.
  if (code === 'UND_ERR_SOCKET' && message.startsWith('bad ')) return 'broken'
  return 'closed'
}
