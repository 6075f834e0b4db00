import { Agent, request } from 'undici'
import { TargetError, UsageError } from '../core/errors.ts'

export interface PreflightRequest {
  /** Base URL without a trailing slash. */
  readonly url: string
  /** Path of the GET that is tried: it changes nothing. */
  readonly path: string
  /** The one status that is a success; null where any answer will do. */
  readonly status: number | null
  readonly timeoutMs: number
  readonly token: string | undefined
}

/** What a target says of itself: the header `server`, and the texts in the answer of `/health`. */
export type ServerFacts = Readonly<Record<string, string>>

/** What the first request found out. */
export interface PreflightAnswer {
  readonly server: ServerFacts
  /** From asking to the last byte, with the time to connect. */
  readonly latencyNs: number
}

/**
 * Sends one request of a load before the load, so that a mistake is one line and not ten thousand failures.
 * @throws TargetError when the target cannot be reached or fails; UsageError when it answers something else than the
 * profile expects, with the remedy
 */
export async function preflight(wanted: PreflightRequest): Promise<PreflightAnswer> {
  const { url, timeoutMs, token } = wanted
  const dispatcher = new Agent({ connect: { timeout: timeoutMs } })
  const headers = { accept: 'application/json', ...(token === undefined ? {} : bearer(token)) }
  const ask = (address: string) =>
    request(address, { dispatcher, headers, headersTimeout: timeoutMs, bodyTimeout: timeoutMs })
  try {
    const askedMs = performance.now()
    const answer = await ask(url + wanted.path)
    const text = await answer.body.text()
    const latencyNs = (performance.now() - askedMs) * 1e6
    refuseAnswer(wanted, {
      status: answer.statusCode,
      location: headerText(answer.headers['location']),
      type: headerText(answer.headers['content-type']),
      text,
    })
    const server = headerText(answer.headers['server'])
    const health = await ask(`${url}/health`)
      .then(async ({ statusCode, body }) => (statusCode === 200 ? healthFacts(await body.text()) : {}))
      .catch(() => ({}))
    return { server: { ...(server === '' ? {} : { server }), ...health }, latencyNs }
  } catch (error) {
    throw error instanceof UsageError || error instanceof TargetError
      ? error
      : unreachable(error, new URL(url), timeoutMs)
  } finally {
    await dispatcher.destroy()
  }
}

/** The header that carries a token. */
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

const headerText = (value: string | string[] | undefined): string =>
  typeof value === 'string' ? value : (value?.[0] ?? '')

function healthFacts(text: string): ServerFacts {
  try {
    const body: unknown = JSON.parse(text)
    const entries = typeof body === 'object' && body !== null ? Object.entries(body) : []
    const facts = entries.flatMap(([key, value]) =>
      typeof value === 'object' && value !== null ? Object.entries(value) : [[key, value] as const],
    )
    return Object.fromEntries(
      facts.flatMap(([key, value]) =>
        typeof value === 'string' || typeof value === 'number' ? [[key, String(value)]] : [],
      ),
    )
  } catch {
    return {}
  }
}

interface Answer {
  readonly status: number
  readonly location: string
  readonly type: string
  readonly text: string
}

function refuseAnswer({ path, status: expected, token }: PreflightRequest, answer: Answer): void {
  if (expected === null) return
  const { status, location, type } = answer
  const asked = `GET ${path.split('?')[0]}`
  if (status >= 300 && status < 400 && expected !== status) {
    throw new UsageError(
      'LOAD_REDIRECTED',
      `${asked} answers ${status}, elsewhere: ${location.replace(/\/\/[^/]*@/, '//') || 'no Location'}; put that address into --url, redirects are not followed`,
    )
  }
  if (status === 401 || status === 403) {
    const remedy =
      token === undefined
        ? 'put a token into an environment variable and name it with --auth-token-env'
        : 'the token that --auth-token-env names is not accepted'
    throw new UsageError('LOAD_UNAUTHORIZED', `${asked} answers ${status}; ${remedy}`)
  }
  if (status === 404 && expected !== 404) {
    throw new UsageError(
      'LOAD_WRONG_PATH',
      `${asked} answers 404: the path below --url is wrong, or the profile's rows are not those of this API (draw them from its database: --draw-data)`,
    )
  }
  if (status >= 500 && expected !== status) {
    throw new TargetError('TARGET_FAILING', `${asked} answers ${status}: ${firstLine(answer.text)}`)
  }
  if (status !== expected) {
    throw new UsageError(
      'LOAD_WRONG_STATUS',
      `${asked} answers ${status} where the profile expects ${expected}: ${firstLine(answer.text)}`,
    )
  }
  if (/^text\/html\b/i.test(type) || /^\s*<(!doctype|html)/i.test(answer.text)) {
    throw new UsageError(
      'LOAD_NOT_JSON',
      `${asked} answers a page of HTML where JSON is due; let --url name the API itself`,
    )
  }
}

const firstLine = (text: string): string => text.trim().split('\n')[0]?.slice(0, 200) || 'nothing more'

const notTrusted =
  /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|CERT_(HAS_EXPIRED|UNTRUSTED|NOT_YET_VALID)|ERR_TLS_CERT_ALTNAME/

/** Why a target did not answer at all, in one line with the remedy. */
function unreachable(error: unknown, url: URL, timeoutMs: number): TargetError {
  const codes = causes(error)
  const place = url.port === '' ? url.hostname : `${url.hostname}:${url.port}`
  const is = (pattern: RegExp): boolean => codes.some((code) => pattern.test(code))
  const because = (code: string, what: string): TargetError => new TargetError(code, what, { cause: error })
  if (is(/ECONNREFUSED/)) {
    return because(
      'TARGET_UNREACHABLE',
      `nothing listens on ${place}; start the API (forgebench serve) or mend --url`,
    )
  }
  if (is(/ENOTFOUND|EAI_AGAIN/)) {
    return because('TARGET_UNREACHABLE', `no address is known for ${url.hostname}; mend --url`)
  }
  if (is(/EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL/)) {
    return because('TARGET_UNREACHABLE', `there is no way to ${place} from here; mend --url or the network`)
  }
  if (is(/TIMEOUT|ETIMEDOUT/)) {
    return because(
      'TARGET_TIMED_OUT',
      `${place} gave no answer within ${timeoutMs} ms; is it overloaded, or behind a firewall? Raise --timeout if it is that slow`,
    )
  }
  if (is(notTrusted)) {
    const why = codes.find((code) => notTrusted.test(code)) ?? ''
    return because(
      'TARGET_TLS',
      `the certificate of ${place} is not trusted (${why}); name its authority with NODE_EXTRA_CA_CERTS=ca.pem, or mend the host in --url`,
    )
  }
  if (is(/^ERR_SSL|^EPROTO|^ERR_TLS/)) {
    return because(
      'TARGET_TLS',
      `${place} speaks no TLS that we understand; is it http:// in place of https://?`,
    )
  }
  if (is(/^HPE_|^UND_ERR_SOCKET|ECONNRESET|EPIPE/)) {
    const other = url.protocol === 'http:' ? 'https://' : 'http://'
    return because(
      'TARGET_NOT_HTTP',
      `${place} took the connection and gave no HTTP answer (${codes[0]}); is it ${other} in place of ${url.protocol}//?`,
    )
  }
  return because('TARGET_UNREACHABLE', `${place} cannot be reached: ${codes.join(', ') || String(error)}`)
}

/** The codes of an error and of what caused it; fetches of several addresses fail with an error each. */
function causes(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return []
  // undici gives its parser's errors a code only sometimes.
  const parser = error.name === 'HTTPParserError' ? 'HPE_INVALID' : undefined
  const code = 'code' in error && typeof error.code === 'string' ? error.code : parser
  const inner = error instanceof AggregateError ? error.errors.flatMap(causes) : []
  return [...(code === undefined ? [] : [code]), ...inner, ...causes(error.cause)]
}
