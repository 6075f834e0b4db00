import type { AddressInfo } from 'node:net'
import { TargetError, UsageError } from '../core/errors.ts'
import { buildApi } from './build-api.ts'
import { FileStore } from './file-store.ts'

export interface ApiOptions {
  /** Absolute path of the database file. */
  readonly path: string
  /** 0 picks a free one. */
  readonly port: number
  readonly host: string
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

/** Starts the reference API on a database. @throws UsageError, TargetError */
export async function startApi({ path, port, host }: ApiOptions): Promise<RunningApi> {
  const store = new FileStore(path)
  try {
    const facts = await store.describe()
    const api = buildApi(store, facts)
    await api.listen({ port, host })
    const bound = (api.server.address() as AddressInfo).port
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
      port: bound,
      facts,
      close: async () => {
        await api.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw listenError(error, host, port)
  }
}

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
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new TargetError('HOST_UNKNOWN', `${host} is no address of this machine; use --host 127.0.0.1`)
  }
  return error
}
