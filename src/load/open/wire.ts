import type { Socket } from 'node:net'
import type { AnswerReader } from './answer-reader.ts'

/**
 * Opens a socket, with TLS where the URL says so. The callback is called once; `onBytes` whenever there are bytes to
 * read, which are overwritten afterwards.
 */
export type OpenSocket = (
  callback: (error: Error | null, socket: Socket | null) => void,
  onBytes: (bytes: Buffer) => void,
) => void

/** How one connection opens its sockets, writes its requests and reads their answers: a client's share of an engine. */
export interface Wire extends Pick<AnswerReader, keyof AnswerReader> {
  readonly openSocket: OpenSocket
  /** Writes the bytes of a request, after `begin`. */
  write(socket: Socket, bytes: string, encoding: 'latin1' | 'utf8'): void
  /** Its connection is over for good: another one may take the wire. */
  release?(): void
}

/** What an engine has of its own beside the sender, the models of arrivals and the accounting that all share. */
export interface Client {
  /** A wire for one more connection. */
  readonly newWire: () => Wire
  /** Whether a load ends when the target has refused every connection for some seconds. */
  readonly givesUp: boolean
}
