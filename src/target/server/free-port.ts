import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { UsageError } from '../../core/errors.ts'

/**
 * Below the ports that systems give to outgoing connections (from 32768 on Linux, from 49152 elsewhere): any of those may
 * be taken before a server listens on it, or while it is started again.
 */
const servers = { from: 15_000, to: 32_000 }
const attempts = 50

/**
 * A port that was free on that address a moment ago: the one that is wanted, or any.
 * @throws UsageError PORT_IN_USE, PORT_DENIED
 */
export async function freePort(host: string, wanted = 0): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = wanted === 0 ? randomInt(servers.from, servers.to) : wanted
    const error = await listen(host, port)
    if (error === undefined) return port
    if (wanted !== 0) throw portError(error, wanted)
  }
  throw new UsageError('PORT_IN_USE', `no free port on ${host}; name one with --port`)
}

/** Listens for a moment; what went wrong, or undefined. */
async function listen(host: string, port: number): Promise<unknown> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  } catch (error) {
    return error
  }
  await new Promise((resolve) => server.close(resolve))
  return undefined
}

/** Why a port cannot be listened on, as our error; other errors pass through. */
export function portError(error: unknown, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'EADDRINUSE') {
    return new UsageError(
      'PORT_IN_USE',
      `port ${port} is in use; choose another with --port, or 0 for a free one`,
    )
  }
  if (code === 'EACCES') {
    return new UsageError('PORT_DENIED', `port ${port} needs more rights; choose one above 1023`)
  }
  return error
}
