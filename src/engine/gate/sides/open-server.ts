import { RemoteReader } from '../../../target/remote-reader.ts'
import type { SidePlace } from './gate-side.ts'

/** Opens the server of a side for reading, with the token that its environment variable holds. */
export function openServer({ url, authTokenEnv }: SidePlace & { readonly kind: 'server' }): RemoteReader {
  const token = authTokenEnv === null ? undefined : process.env[authTokenEnv]
  return new RemoteReader({ kind: 'remote', url }, token)
}
