import { isIP } from 'node:net'
import { TargetError } from '../../core/errors.ts'
import { isLoopback } from './target-url.ts'

const notTrusted =
  /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|CERT_(HAS_EXPIRED|UNTRUSTED|NOT_YET_VALID)|ERR_TLS_CERT_ALTNAME/

type Environment = Readonly<Record<string, string | undefined>>

/** Why a target gave no answer that can be read, in one line with the fix. */
export function noAnswer(
  error: unknown,
  url: URL,
  timeoutMs: number,
  environment: Environment = process.env,
): TargetError {
  const codes = causes(error)
  const place = url.port === '' ? url.hostname : `${url.hostname}:${url.port}`
  const proxy = proxyHint(url, environment)
  const known: readonly (readonly [RegExp, code: string, message: string])[] = [
    [
      /ECONNREFUSED/,
      'TARGET_UNREACHABLE',
      `nothing listens on ${place}; start the API (forgebench serve) or fix --url${proxy}`,
    ],
    [
      /ENOTFOUND|EAI_AGAIN/,
      'TARGET_UNREACHABLE',
      `no address is known for ${url.hostname}; fix --url${proxy}`,
    ],
    [
      /EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL/,
      'TARGET_UNREACHABLE',
      `there is no way to ${place} from here; fix --url or the network${proxy}`,
    ],
    [
      /TIMEOUT|ETIMEDOUT/,
      'TARGET_TIMED_OUT',
      `${place} gave no answer within ${timeoutMs} ms; is it overloaded, or behind a firewall? Raise --timeout if it is that slow${proxy}`,
    ],
    [
      notTrusted,
      'TARGET_TLS',
      `the certificate of ${place} is not trusted (${codes.find((code) => notTrusted.test(code))}); name its authority with --ca-file ca.pem, or fix the host in --url (--insecure checks nothing)`,
    ],
  ]
  const found = known.find(([pattern]) => codes.some((code) => pattern.test(code)))
  if (
    found === undefined &&
    (codes.some((code) => /ALERT_NO_APPLICATION_PROTOCOL/.test(code)) || startsAsHttp2(error))
  ) {
    return http2Only(place, url)
  }
  const [, code, message] = found ?? [null, ...unreadable(error, codes, place, url)]
  return new TargetError(code, message, { cause: error })
}

/** The error for a server that speaks HTTP/2 alone. */
export const http2Only = (place: string, { protocol }: Pick<URL, 'protocol'>): TargetError =>
  new TargetError(
    'TARGET_HTTP2_ONLY',
    `${place} speaks HTTP/2 alone, and these engines send HTTP/1.1; let it speak that too, ${protocol === 'https:' ? 'or use --engine k6, which speaks HTTP/2 over TLS' : 'or name a proxy in front of it'}`,
  )

/** The bytes that a parser could not read; empty where it was not a parser. */
function unreadBytes(error: unknown): Buffer {
  return error instanceof Error && 'rawPacket' in error && Buffer.isBuffer(error.rawPacket)
    ? error.rawPacket
    : Buffer.alloc(0)
}

/** A server of HTTP/2 begins with a SETTINGS frame, or says GOAWAY (RFC 9113 §3.4, §6.5, §6.8), on stream 0. */
function startsAsHttp2(error: unknown): boolean {
  const bytes = unreadBytes(error)
  return bytes.length >= 9 && (bytes[3] === 4 || bytes[3] === 7) && bytes.readUInt32BE(5) === 0
}

function unreadable(
  error: unknown,
  codes: readonly string[],
  place: string,
  url: URL,
): readonly [code: string, message: string] {
  const [code = ''] = codes
  const bytes = unreadBytes(error)
  if (code.startsWith('HPE_') && bytes.toString('latin1', 0, 5) === 'HTTP/') {
    const why = error instanceof Error ? error.message.replace(/^Parse Error:?\s*/, '') : ''
    return [
      'TARGET_BAD_HTTP',
      `${place} answered, but not as HTTP/1.1 has it (${code}${why === '' ? '' : `: ${why}`}); fix the server, or what stands before it`,
    ]
  }
  if (/^ERR_SSL|^EPROTO|^ERR_TLS/.test(code)) {
    return ['TARGET_TLS', `${place} speaks no TLS that we understand; is it http:// in place of https://?`]
  }
  if (/^HPE_|ECONNRESET|EPIPE/.test(code)) {
    const other = url.protocol === 'http:' ? 'https://' : 'http://'
    const said = bytes.length === 0 ? '' : `, but «${bytes.toString('latin1', 0, 20).trim()}»`
    return [
      'TARGET_NOT_HTTP',
      `${place} took the connection and gave no HTTP answer (${code})${said}; is it ${other} in place of ${url.protocol}//?`,
    ]
  }
  return ['TARGET_UNREACHABLE', `${place} cannot be reached: ${codes.join(', ') || String(error)}`]
}

/** What a network with a proxy has to do with it: requests of a load go straight to the target. */
function proxyHint({ protocol, hostname }: URL, environment: Environment): string {
  const host = hostname.replace(/^\[|\]$/g, '')
  const names = [protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY', 'ALL_PROXY']
  const set = names.flatMap((name) => [name, name.toLowerCase()]).find((name) => environment[name])
  const excepted = (environment['NO_PROXY'] ?? environment['no_proxy'] ?? '')
    .split(',')
    .map((each) => each.trim().replace(/^\*?\./, ''))
    .filter((each) => each !== '')
  const isExcepted = excepted.some((each) => each === '*' || host === each || host.endsWith(`.${each}`))
  if (set === undefined || isExcepted || host === 'localhost' || (isIP(host) !== 0 && isLoopback(host)))
    return ''
  return `; ${set} names a proxy, and a load does not go through one: run it where the target is reached directly`
}

/** The codes of an error and of what caused it; requests to several addresses fail with an error each. */
function causes(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return []
  const code = 'code' in error && typeof error.code === 'string' ? [error.code] : []
  const inner = error instanceof AggregateError ? error.errors.flatMap(causes) : []
  return [...code, ...inner, ...causes(error.cause)]
}
