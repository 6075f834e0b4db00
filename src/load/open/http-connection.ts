import type { Socket } from 'node:net'
import type { Endpoint } from './endpoint.ts'
import type { LoadClock } from '../worker/load-clock.ts'
import type { Ending } from '../worker/outcomes.ts'
import type { Sending } from './sending.ts'
import type { Wire } from './wire.ts'

export interface ConnectionContext {
  readonly endpoint: Endpoint
  readonly clock: LoadClock
  /** A socket is open; `again` when the connection had one before. */
  readonly onSocket: (socket: Socket, again: boolean) => void
  readonly onSocketFailed: (error: NodeJS.ErrnoException) => void
  /** `open` has ended; look at `state`. */
  readonly onOpened: (connection: HttpConnection) => void
  /** It was idle, and the other side closed it. */
  readonly onDown: (connection: HttpConnection) => void
  /** The request that it had is over, and it is `idle` or `down`. */
  readonly onEnd: (connection: HttpConnection, sending: Sending, ending: Ending) => void
}

/** Before the other side closes what is idle: a request that crosses the end on its way would be lost. */
const renewalNs = 1e9

/**
 * One connection and the request on it, on the wire of a client. It sends what it is given once and never again; when its
 * socket is gone it opens another one for the next request.
 */
export class HttpConnection {
  state: 'down' | 'opening' | 'idle' | 'busy' | 'dropped' = 'down'
  /** The request that it is busy with. */
  sending: Sending | null = null
  /** When it should be renewed if it is still idle then; Infinity where the other side has no limit. */
  idleUntilNs = Infinity
  readonly #context: ConnectionContext
  readonly #wire: Wire
  #socket: Socket | null = null
  #hadSocket: boolean

  constructor(context: ConnectionContext, hadSocket: boolean) {
    this.#context = context
    this.#wire = context.endpoint.newWire()
    this.#hadSocket = hadSocket
  }

  /** Opens a socket ahead of the first request; `onOpened` follows. */
  open(): void {
    this.state = 'opening'
    this.#openSocket((socket) => {
      this.state = socket === null ? 'down' : 'idle'
      this.#context.onOpened(this)
    })
  }

  /** Sends a request; it must not be busy. `onEnd` follows. */
  send(sending: Sending): void {
    const bytes = this.#context.endpoint.render(sending.planned)
    this.state = 'busy'
    this.sending = sending
    const socket = this.#socket
    // What has ended was never sent on, and is not worth a request.
    if (socket !== null && socket.writable && !socket.readableEnded) return this.#write(socket, bytes)
    this.#forgetSocket()
    this.#openSocket((opened) => {
      if (opened === null) this.#end('refused', 'down')
      else this.#write(opened, bytes)
    })
  }

  /** Closes what is idle; the next request opens another socket. */
  renew(): void {
    this.#forgetSocket()
    this.state = 'down'
  }

  /** Closes it, with whatever is under way on it, for good. */
  drop(): void {
    this.state = 'dropped'
    this.sending = null
    this.#forgetSocket()
    this.#wire.release?.()
  }

  #write(socket: Socket, bytes: string): void {
    const { sending } = this
    if (sending === null) return
    this.#wire.begin(sending.planned.method)
    sending.writtenNs = this.#context.clock.nowNs()
    this.#wire.write(socket, bytes, sending.planned.body === null ? 'latin1' : 'utf8')
  }

  #openSocket(then: (socket: Socket | null) => void): void {
    const { onSocket, onSocketFailed } = this.#context
    this.#wire.openSocket(
      (error, socket) => {
        if (socket !== null) {
          onSocket(socket, this.#hadSocket)
          this.#hadSocket = true
        } else if (error !== null) onSocketFailed(error)
        if (this.state === 'dropped') return void socket?.destroy()
        this.#socket = socket
        if (socket !== null) this.#watch(socket)
        then(socket)
      },
      (bytes) => this.#read(bytes),
    )
  }

  #watch(socket: Socket): void {
    const gone = (): void => this.#gone(socket)
    socket.on('error', gone)
    socket.on('end', gone)
    socket.on('close', gone)
  }

  #read(bytes: Buffer): void {
    const { sending } = this
    if (sending === null || Number.isNaN(sending.writtenNs)) {
      // It was not asked for.
      if (this.#socket !== null) this.#gone(this.#socket)
      return
    }
    const reading = this.#wire.push(bytes)
    if (reading === 'more') return
    if (reading === 'broken') {
      this.#forgetSocket()
      return this.#end('broken', 'down')
    }
    this.#answered(sending, reading === 'answered' && this.#wire.mayStay)
  }

  #answered(sending: Sending, mayStay: boolean): void {
    const { status, isHtml, keepAliveSeconds } = this.#wire
    sending.status = status
    sending.isHtml = isHtml
    const limitNs = keepAliveSeconds * 1e9 - renewalNs
    const staysIdle = mayStay && !(limitNs <= 0)
    if (staysIdle) {
      this.idleUntilNs = Number.isNaN(limitNs) ? Infinity : this.#context.clock.nowNs() + limitNs
    } else this.#forgetSocket()
    this.#end('answered', staysIdle ? 'idle' : 'down')
  }

  #gone(socket: Socket): void {
    if (socket !== this.#socket) return
    this.#forgetSocket()
    const { sending } = this
    if (sending !== null) {
      if (Number.isNaN(sending.writtenNs)) this.#end('refused', 'down')
      else if (this.#wire.endsWithConnection) this.#answered(sending, false)
      else this.#end('closed', 'down')
    } else if (this.state === 'idle') {
      this.state = 'down'
      this.#context.onDown(this)
    }
  }

  #forgetSocket(): void {
    const socket = this.#socket
    this.#socket = null
    this.idleUntilNs = Infinity
    socket?.destroy()
  }

  #end(ending: Ending, state: 'idle' | 'down'): void {
    const { sending } = this
    if (sending === null || this.state === 'dropped') return
    this.sending = null
    this.state = state
    this.#context.onEnd(this, sending, ending)
  }
}
