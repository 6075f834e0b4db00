import { createServer, type AddressInfo } from 'node:net'
import { UsageError } from '../core/errors.ts'

/**
 * A port that was free on that address a moment ago: the one that is wanted, or any.
 * @throws UsageError PORT_IN_USE, PORT_DENIED
 */
export async function freePort(host: string, wanted = 0): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(wanted, host, resolve)
  }).catch((error: NodeJS.ErrnoException) => {
    throw portError(error, wanted)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
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
