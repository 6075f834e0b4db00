import { TargetError, UsageError } from '../../../core/errors.ts'
import { readToken } from '../../../load/target/token.ts'
import { parseTarget } from '../../../target/location.ts'
import type { RemoteReader } from '../../../target/remote/remote-reader.ts'
import type { SideKind, SidePlace } from './gate-side.ts'

/** A libSQL server by its URL; nothing is written to it. */
export const serverKind: SideKind = {
  form: 'the URL of a libSQL server (http, https, ws, wss, libsql)',
  matches: (spec) => /^(?:https?|wss?|libsql):\/\//i.test(spec),
  read: async ({ flag, spec, working, token }) => {
    const url = urlOf(flag, spec)
    const loaded = await working()
    readToken(token.name, process.env, token.flag)
    const place = { kind: 'server', url, authTokenEnv: token.name } as const
    const reader = await openServer(place)
    try {
      // What cannot be reached is better known before anything is seeded.
      await reader.query('SELECT 1')
    } catch (error) {
      if (!(error instanceof TargetError)) throw error
      const message = error.message.replace('--auth-token-env', token.flag)
      throw new TargetError(error.code, message, { cause: error })
    } finally {
      reader.close()
    }
    return { spec: url, loaded, commit: null, place }
  },
}

/** Opens the server of a side for reading, with the token that its environment variable holds. */
export async function openServer({
  url,
  authTokenEnv,
}: SidePlace & { readonly kind: 'server' }): Promise<RemoteReader> {
  // Loaded when it is asked for: it brings a network stack that files never use.
  const { RemoteReader } = await import('../../../target/remote/remote-reader.ts')
  const token = authTokenEnv === null ? undefined : process.env[authTokenEnv]
  return new RemoteReader({ kind: 'remote', url }, token)
}

function urlOf(flag: string, spec: string): string {
  try {
    const location = parseTarget(spec)
    if (location.kind === 'remote') return location.url
    throw new UsageError('DB_SCHEME', '--db is no server')
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(
      'GATE_SIDE',
      error.message.replaceAll('--db', flag).replace('--auth-token-env', tokenFlagOf(flag)),
      { cause: error },
    )
  }
}

const tokenFlagOf = (flag: string): string =>
  flag === '--baseline' ? '--baseline-auth-token-env' : '--auth-token-env'
