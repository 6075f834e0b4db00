import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net'
import type { PlannedRequest } from '../../scenario/load-profile/load-profile.ts'
import { requestRenderer } from '../worker/render-request.ts'
import { connect as connectTls, createSecureContext } from 'node:tls'

/** Where requests go, and how they are dressed. */
export interface Endpoint {
  readonly url: URL
  readonly timeoutMs: number
  /** The bytes of a request. */
  readonly render: (planned: PlannedRequest) => string
}

/**
 * @param token bearer token, or undefined
 * @throws TypeError when the URL is none
 */
export function endpointOf(baseUrl: string, timeoutMs: number, token: string | undefined): Endpoint {
  return { url: new URL(baseUrl), timeoutMs, render: requestRenderer(baseUrl, token) }
}

/**
 * Opens a socket, with TLS where the URL says so. The callback is called once; `onBytes` whenever there are bytes to
 * read, which are overwritten afterwards.
 */
export type OpenSocket = (
  callback: (error: Error | null, socket: Socket | null) => void,
  onBytes: (bytes: Buffer) => void,
) => void

/** More than an answer of an API has; longer ones come in parts. */
const readBytes = 65_536

/** A function that opens sockets to an endpoint; the name is looked up once. */
export function socketOpener({ url, timeoutMs }: Endpoint): OpenSocket {
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
    const failed = (error: Error): void => {
      socket.removeListener(opened, succeeded)
      socket.on('error', () => undefined)
      socket.destroy()
      callback(error, null)
    }
    const succeeded = (): void => {
      socket.removeListener('error', failed)
      socket.setTimeout(0)
      socket.removeAllListeners('timeout')
      callback(null, socket)
    }
    const opened = isTls ? 'secureConnect' : 'connect'
    socket.once('error', failed)
    socket.once(opened, succeeded)
    socket.setTimeout(timeoutMs, () => {
      socket.removeListener('error', failed)
      failed(Object.assign(new Error('connection timed out'), { code: 'ETIMEDOUT' }))
    })
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
