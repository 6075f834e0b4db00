import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Alarm } from './alarm.ts'
import { treatmentOf, type Behaviour } from './behaviour.ts'
import { monotonicMs } from './monotonic.ts'
import { RequestSplitter } from './request-splitter.ts'
import { TruthLog } from './truth-log.ts'

const answer = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
  'latin1',
)
/** The kernel lowers it to net.core.somaxconn. */
const backlog = 16_384

interface Pending {
  readonly socket: Socket
  readonly log: TruthLog
  readonly arrivedMs: number
  readonly dueMs: number
  readonly answered: boolean
}

/**
 * An HTTP server whose delays are known, and which records the truth: when every request arrived, and how long it took
 * to answer it. It reads as little of HTTP as will do, so that it costs much less than any sender.
 */
export class CalibrationServer {
  readonly #server: Server = createServer({ noDelay: true }, (socket) => this.#accept(socket))
  readonly #sockets = new Set<Socket>()
  /** By the moment when they are due. */
  readonly #pending: Pending[] = []
  #alarm: Alarm | undefined
  #behaviour: Behaviour = { kind: 'null' }
  #log = new TruthLog(0)

  /** Listens on a free port of 127.0.0.1, or on that one. */
  static async start(port = 0): Promise<CalibrationServer> {
    const calibration = new CalibrationServer()
    calibration.#alarm = await Alarm.start(() => calibration.#settleDue())
    calibration.#server.listen({ host: '127.0.0.1', port, backlog })
    await once(calibration.#server, 'listening')
    return calibration
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get log(): TruthLog {
    return this.#log
  }

  /** Behaves so from now on, and begins a new log. */
  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour
    this.#log = new TruthLog(this.#sockets.size)
  }

  async stop(): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await this.#alarm?.stop()
  }

  #accept(socket: Socket): void {
    const splitter = new RequestSplitter()
    this.#sockets.add(socket)
    this.#log.connectionOpened()
    socket.on('data', (chunk) => {
      const nowMs = monotonicMs()
      for (let left = splitter.push(chunk); left > 0; left--) this.#receive(socket, nowMs)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.#log.connectionEnded()
    })
  }

  #receive(socket: Socket, arrivedMs: number): void {
    const log = this.#log
    const number = log.received(arrivedMs)
    const sinceFirstMs = arrivedMs - (log.firstArrivalMs ?? arrivedMs)
    const { delayMs, answered } = treatmentOf(this.#behaviour, number, sinceFirstMs)
    const pending = { socket, log, arrivedMs, dueMs: arrivedMs + delayMs, answered }
    if (delayMs <= 0) settle(pending)
    else this.#postpone(pending)
  }

  #postpone(pending: Pending): void {
    const { dueMs } = pending
    let place = this.#pending.length
    while (place > 0 && this.#pending[place - 1]!.dueMs > dueMs) place--
    this.#pending.splice(place, 0, pending)
    this.#alarm?.setBy(dueMs)
  }

  #settleDue(): void {
    const nowMs = monotonicMs()
    let due = 0
    while (due < this.#pending.length && this.#pending[due]!.dueMs <= nowMs) due++
    for (const pending of this.#pending.splice(0, due)) settle(pending)
    const next = this.#pending[0]
    if (next !== undefined) this.#alarm?.setBy(next.dueMs)
  }
}

function settle({ socket, log, arrivedMs, answered }: Pending): void {
  if (socket.destroyed) {
    log.clientGone()
  } else if (answered) {
    socket.write(answer)
    log.answered(monotonicMs() - arrivedMs)
  } else {
    socket.destroy()
    log.closed()
  }
}
