import { LatencyHistogram } from '../../../src/stats/latency-histogram.ts'

/** What really happened, as the server saw it. received = answered + closed + clientGone + pending. */
export interface Truth {
  readonly received: number
  readonly answered: number
  /** Their connection was closed without an answer, on purpose. */
  readonly closed: number
  /** The client was gone before the answer was due. */
  readonly clientGone: number
  readonly pending: number
  readonly connections: { readonly opened: number; readonly peak: number }
  /** From arrival to the write of the answer, nanoseconds: HdrHistogram V2, compressed, base64. */
  readonly answers: string
}

/** Records the truth, from the moment it is made. */
export class TruthLog {
  readonly #answers = new LatencyHistogram()
  readonly #arrivalsMs: number[] = []
  #answered = 0
  #closed = 0
  #clientGone = 0
  #opened: number
  #open: number
  #peak: number

  constructor(openConnections: number) {
    this.#opened = openConnections
    this.#open = openConnections
    this.#peak = openConnections
  }

  connectionOpened(): void {
    this.#opened += 1
    this.#open += 1
    if (this.#open > this.#peak) this.#peak = this.#open
  }

  connectionEnded(): void {
    this.#open -= 1
  }

  /** Returns the number of the request, from 0. */
  received(atMs: number): number {
    return this.#arrivalsMs.push(atMs) - 1
  }

  answered(tookMs: number): void {
    this.#answered += 1
    this.#answers.record(tookMs * 1e6)
  }

  closed(): void {
    this.#closed += 1
  }

  clientGone(): void {
    this.#clientGone += 1
  }

  get firstArrivalMs(): number | undefined {
    return this.#arrivalsMs[0]
  }

  /** Moments of arrival on the machine's monotonic clock, in their order. */
  arrivalsMs(): Float64Array {
    return Float64Array.from(this.#arrivalsMs)
  }

  truth(): Truth {
    const received = this.#arrivalsMs.length
    return {
      received,
      answered: this.#answered,
      closed: this.#closed,
      clientGone: this.#clientGone,
      pending: received - this.#answered - this.#closed - this.#clientGone,
      connections: { opened: this.#opened, peak: this.#peak },
      answers: this.#answers.toBase64(),
    }
  }
}
