import { UsageError } from '../../core/errors.ts'
import { keepSecret } from '../../core/secrets.ts'

/**
 * The bearer token in an environment variable; undefined where none is named. From then on it is hidden in all output.
 * @throws UsageError TOKEN_MISSING or TOKEN_INVALID, which repeat no value, and no name that might be one
 */
export function readToken(
  name: string | null,
  environment: NodeJS.ProcessEnv,
  flag = '--auth-token-env',
): string | undefined {
  if (name === null) return undefined
  const looksLikeName = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)
  const token = looksLikeName ? environment[name] : undefined
  if (token === undefined || token === '') {
    const shown = /^[A-Z_][A-Z0-9_]{0,40}$/.test(name) ? `${name} is not set` : 'no such variable is set'
    throw new UsageError(
      'TOKEN_MISSING',
      `${flag} takes the name of an environment variable that holds the token, and ${shown}`,
    )
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError(
      'TOKEN_INVALID',
      `the token in the variable that ${flag} names has blanks or characters that no header may hold`,
    )
  }
  keepSecret(token)
  return token
}
