import type { FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import { UsageError } from '../core/errors.ts'
import type { Location } from '../target/location.ts'
import { buildApi } from './build-api.ts'
import { openStore, schemaFacts } from './open-store.ts'
import type { ApiStore } from './store.ts'

export interface ApiOptions {
  readonly location: Location
  /** 0 picks a free one. */
  readonly port: number
  /** Address to listen on, such as `127.0.0.1`. */
  readonly host: string
  /** Token of the database server. */
  readonly authToken?: string | undefined
}

export interface RunningApi {
  /** Base URL without a trailing slash. */
  readonly url: string
  readonly port: number
  /** What `/health` says. */
  readonly facts: Readonly<Record<string, string>>
  /** Stops accepting, answers what was accepted, lets go of the database. */
  close(): Promise<void>
}

/** Connections wait here until they are accepted; ramps to 10,000 need more than Node's 511. */
const backlog = 4096

/** How long requests may take to end once the server closes. */
const graceMs = 10_000

/**
 * Starts the reference API on a database, in this process.
 * @throws UsageError when the port is taken or the database has no schema; TargetError when it cannot be opened
 */
export async function startApi({ location, port, host, authToken }: ApiOptions): Promise<RunningApi> {
  const store = await openStore(location, authToken)
  try {
    const facts = { node: process.version, ...(await store.describe()), ...(await schemaFacts(store)) }
    const api = buildApi(store, facts)
    await api.listen({ port, host, backlog })
    const bound = (api.server.address() as AddressInfo).port
    return {
      url: urlOf(host, bound),
      port: bound,
      facts: { status: 'ok', ...facts },
      close: once(() => end(api, store)),
    }
  } catch (error) {
    await store.close()
    throw listenError(error, host, port)
  }
}

async function end(api: FastifyInstance, store: ApiStore): Promise<void> {
  const force = setTimeout(() => api.server.closeAllConnections(), graceMs)
  await api.close()
  clearTimeout(force)
  await store.close()
}

/** The same promise for everybody who asks. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= work())
}

const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`

function listenError(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'EADDRINUSE') {
    return new UsageError(
      'PORT_IN_USE',
      `port ${port} is in use; choose another with --port, or 0 for a free one`,
    )
  }
  if (code === 'EACCES')
    return new UsageError('PORT_DENIED', `port ${port} needs more rights; choose one above 1023`)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new UsageError('HOST_UNKNOWN', `${host} is no address of this machine; use --host 127.0.0.1`)
  }
  return error
}
