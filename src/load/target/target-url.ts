import { lookup } from 'node:dns/promises'
import { UsageError } from '../../core/errors.ts'

/**
 * Reads `--url`: the base URL below which a profile's paths lie, without a trailing slash.
 * @throws UsageError for anything but a plain http or https URL; credentials in it are never repeated
 */
export function parseLoadUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) {
    const hint = /^[\w.-]+(:\d+)?(\/|$)/.test(text) ? `; did you mean http://${text}?` : ''
    throw new UsageError('URL_INVALID', `--url ${text.replace(/\/\/.*@/, '//…@')} is not a URL${hint}`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      'URL_CREDENTIALS',
      `--url must not hold a name or password: put a token into an environment variable and name it with --auth-token-env`,
    )
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const what = url.hostname === '' ? `did you mean http://${text}?` : 'write http:// or https://'
    throw new UsageError('URL_SCHEME', `--url ${text}: ${url.protocol}// cannot be loaded; ${what}`)
  }
  if (url.search !== '' || url.hash !== '') {
    throw new UsageError(
      'URL_INVALID',
      `--url ${url.origin}${url.pathname} takes no ?query or #part: paths and queries are the profile's`,
    )
  }
  return url
}

/** The URL as plans hold it: without a trailing slash. */
export const baseUrl = (url: URL): string => `${url.origin}${url.pathname.replace(/\/+$/, '')}`

/** The name of a URL's host, without the brackets of IPv6. */
const hostName = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

/** True for 127.0.0.0/8 and ::1, in every way to write them. */
export const isLoopback = (address: string): boolean =>
  /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(address) || address === '::1'

/**
 * Refuses to put load on a machine that was not named: every address of the host must be this machine's own, or the
 * host be among `allowed`.
 * @throws UsageError HOST_NOT_ALLOWED; TargetError is left to the first request for a name without addresses
 */
export async function refuseForeignHost(url: URL, allowed: readonly string[]): Promise<void> {
  const name = hostName(url)
  const sameName = (other: string): boolean => other.replace(/^\[|\]$/g, '').toLowerCase() === name
  if (allowed.some(sameName)) return
  const addresses = await lookup(name, { all: true }).catch(() => [])
  if (addresses.length > 0 && addresses.every(({ address }) => isLoopback(address))) return
  const near = allowed.length > 0 ? ` (allowed so far: ${allowed.join(', ')})` : ''
  throw new UsageError(
    'HOST_NOT_ALLOWED',
    `${name} is not this machine; if you may put load on it, say so with --allow-host ${name}, or load.allowHosts in forgebench.config.ts${near}`,
  )
}
