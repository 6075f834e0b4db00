import type { FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import { UsageError } from '../../../core/errors.ts'
import { keepSecret } from '../../../core/secrets.ts'
import { portError } from '../../../target/server/free-port.ts'
import type { Location } from '../../../target/location.ts'
import type { ApiContext } from './api-context.ts'
import { buildApi } from './build-api.ts'
import { RequestMetrics } from './metrics.ts'
import { silentConnections } from './silent-connections.ts'
import { openStore, schemaFacts } from '../store/open-store.ts'
import type { ApiStore } from '../store/store.ts'

/** What to serve and where, as plain values: it crosses into other processes as it is. */
export interface ApiOptions {
  readonly location: Location
  /** 0 picks a free one. */
  readonly port: number
  /** Address to listen on, such as `127.0.0.1`. */
  readonly host: string
  /** Name of the environment variable that holds the token of the database server. */
  readonly tokenEnv?: string | undefined
}

export interface RunningApi {
  /** Base URL without a trailing slash. */
  readonly url: string
  readonly port: number
  /** What `/health` says. */
  readonly facts: Readonly<Record<string, string>>
  /** Stops accepting, answers what was accepted, lets go of the database. */
  readonly close: () => Promise<void>
}

/** Connections wait here until they are accepted; a ramp to 10,000 needs more than Node's 511. */
const backlog = 4096

/** How long requests may take to end once the server closes; the command has 5 s for everything. */
const graceMs = 3_000

/**
 * Starts the reference API on a database, in this process.
 * @throws UsageError when the port is taken or the database lacks the schema; TargetError when it cannot be opened
 */
export async function startApi(
  options: ApiOptions,
  context: ApiContext = inThisProcess(),
): Promise<RunningApi> {
  const { location, port, host } = options
  const store = await openStore(location, tokenOf(options))
  try {
    const facts = {
      status: 'ok',
      node: process.version,
      ...(await store.describe()),
      ...(await schemaFacts(store)),
      ...context.facts,
    }
    const api = buildApi(store, { ...context, facts })
    const endSilent = silentConnections(api.server)
    await api.listen({ port, host, backlog })
    const bound = (api.server.address() as AddressInfo).port
    return { url: urlOf(host, bound), port: bound, facts, close: once(() => end(api, store, endSilent)) }
  } catch (error) {
    await store.close()
    throw listenError(error, host, port)
  }
}

function inThisProcess(): ApiContext {
  const metrics = new RequestMetrics()
  return { metrics, metricsText: () => metrics.registry.metrics(), facts: {} }
}

/** @throws UsageError when the variable is named and empty */
function tokenOf({ tokenEnv }: ApiOptions): string | undefined {
  if (tokenEnv === undefined) return undefined
  const token = process.env[tokenEnv]
  if (token === undefined || token === '') {
    throw new UsageError(
      'TOKEN_MISSING',
      `--auth-token-env ${tokenEnv}: this environment variable is not set; put the token into it`,
    )
  }
  keepSecret(token)
  return token
}

async function end(api: FastifyInstance, store: ApiStore, endSilent: () => void): Promise<void> {
  // Node closes connections that are idle now, not those that become so, or have sent nothing by then.
  const sweep = setInterval(() => {
    api.server.closeIdleConnections()
    endSilent()
  }, 100)
  const force = setTimeout(() => api.server.closeAllConnections(), graceMs)
  await api.close()
  clearInterval(sweep)
  clearTimeout(force)
  await store.close()
}

/** The same promise for everybody who asks. */
export function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= work())
}

const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`

function listenError(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new UsageError('HOST_UNKNOWN', `${host} is no address of this machine; use --host 127.0.0.1`)
  }
  return portError(error, port)
}
