import type { RemoteReader } from '../../../target/remote-reader.ts'
import type { SidePlace } from './gate-side.ts'

/** Opens the server of a side for reading, with the token that its environment variable holds. */
export async function openServer({
  url,
  authTokenEnv,
}: SidePlace & { readonly kind: 'server' }): Promise<RemoteReader> {
  // Loaded when it is asked for: it brings a network stack that a file never uses.
  const { RemoteReader } = await import('../../../target/remote-reader.ts')
  const token = authTokenEnv === null ? undefined : process.env[authTokenEnv]
  return new RemoteReader({ kind: 'remote', url }, token)
}
