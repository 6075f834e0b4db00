import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext } from 'node:tls'
import { AnswerReader } from './answer-reader.ts'
import { whenOpen } from './when-open.ts'
import type { Client, OpenSocket, Wire } from './wire.ts'

/** Sockets of Node and our own reader of answers: what it does per request is all that a sender adds to a latency. */
class PlainWire extends AnswerReader implements Wire {
  readonly openSocket: OpenSocket

  constructor(openSocket: OpenSocket) {
    super()
    this.openSocket = openSocket
  }

  write(socket: Socket, bytes: string, encoding: 'latin1' | 'utf8'): void {
    socket.write(bytes, encoding)
  }
}

/**
 * The client of `open`, for a URL; attempts to connect are given up after `timeoutMs`.
 * @throws TypeError when the URL is none
 */
export function plainClient(url: string, timeoutMs: number): Client {
  const openSocket = socketOpener(new URL(url), timeoutMs)
  return { newWire: () => new PlainWire(openSocket), givesUp: false }
}

/** More than an answer of an API has; longer ones come in parts. */
const readBytes = 65_536

/** A function that opens sockets to a URL; the name is looked up once. */
function socketOpener(url: URL, timeoutMs: number): OpenSocket {
  const isTls = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port || (isTls ? 443 : 80))
  const options = { host, port, noDelay: true, ...(isIP(host) === 0 ? { lookup: rememberedLookup() } : {}) }
  const servername = isIP(host) === 0 ? host : ''
  // Without it every connection would read all trusted certificates anew.
  const secureContext = isTls ? createSecureContext() : undefined
  // What is read is looked at at once, so that all sockets can read into the same place.
  const buffer = Buffer.allocUnsafeSlow(readBytes)
  return (callback, onBytes) => {
    const read = (count: number): boolean => {
      onBytes(buffer.subarray(0, count))
      return true
    }
    const socket = isTls
      ? connectTls({ ...options, servername, secureContext, ALPNProtocols: ['http/1.1'] })
      : connectTcp({ ...options, onread: { buffer, callback: read } })
    if (isTls) socket.on('data', onBytes)
    whenOpen(socket, isTls ? 'secureConnect' : 'connect', timeoutMs, callback)
  }
}

/** Thousands of connections must not ask the name service thousands of times. */
function rememberedLookup(): LookupFunction {
  type Answer = Parameters<Parameters<LookupFunction>[2]>
  let waiting: ((error: NodeJS.ErrnoException | null) => void)[] | undefined
  let known: readonly LookupAddress[] | undefined
  const answer = (addresses: readonly LookupAddress[], all: boolean | undefined): Answer =>
    all === true ? [null, [...addresses]] : [null, addresses[0]?.address ?? '', addresses[0]?.family]
  return (hostname, options, callback) => {
    if (known !== undefined) return callback(...answer(known, options.all))
    const wait = (error: NodeJS.ErrnoException | null): void =>
      error === null ? callback(...answer(known ?? [], options.all)) : callback(error, '')
    if (waiting !== undefined) return void waiting.push(wait)
    waiting = [wait]
    systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error === null) known = addresses
      const callbacks = waiting ?? []
      waiting = undefined
      for (const each of callbacks) each(error)
    })
  }
}
