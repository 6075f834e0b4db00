import type { Socket } from 'node:net'
import type { Client, Options } from 'autocannon'

/** What autocannon 9.0.0's client has beyond its published types, as far as the guards need it. */
export interface InnerClient extends Client {
  conn: Socket
  readonly secure: boolean
  /** Milliseconds; read once, after `setupClient`. */
  timeout: number
  readonly parser: {
    readonly hadError: boolean
    readonly state: string
    readonly reinitialize: (type: 'RESPONSE') => void
  }
  readonly pipelinedRequests: {
    readonly size: () => number
    readonly clear: () => void
    readonly insertRequest: (request: object) => void
  }
  /** Opens a socket and calls `_doRequest`. */
  _connect: () => void
  /** Writes the current request; called after every answer. */
  _doRequest: () => void
  /** What `_doRequest` writes. */
  getRequestBuffer: () => string | Buffer
  readonly destroy: () => void
}

/** What the event `headers` carries. */
export interface AnswerHead {
  readonly statusCode: number
  readonly shouldKeepAlive: boolean
  /** Names and values by turns. */
  readonly headers: readonly string[]
}

/** The version that the guards were written for: its source was read, another one must be read again. */
export const guardedVersion = '9.0.0'

/** An option that its types leave out: histograms in place of its own; `__custom` ones are in no result. */
export interface InnerOptions extends Options {
  readonly histograms: Readonly<Record<'latencies' | 'requests' | 'throughput', SilentHistogram>>
}

interface SilentHistogram {
  readonly __custom: true
  readonly recordValue: () => void
  readonly destroy: () => void
}
