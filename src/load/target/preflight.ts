import { UsageError, TargetError } from '../../core/errors.ts'
import { redacted } from '../../core/secrets.ts'
import { askTarget, type AskOptions, type TargetAnswer } from './ask-target.ts'
import { http2Only, noAnswer } from './no-answer.ts'

export interface PreflightRequest extends Omit<AskOptions, 'agent'> {
  /** Base URL without a trailing slash. */
  readonly url: string
  /** Path of the GET that is tried: it changes nothing. */
  readonly path: string
  /** The one status that is a success; null where any answer will do. */
  readonly status: number | null
}

/** What a target says of itself: the header `server`, and the texts in the answer of `/health`. */
export type ServerFacts = Readonly<Record<string, string>>

/** What the first request found out. */
export interface PreflightAnswer {
  readonly server: ServerFacts
  /** From asking to the last byte, with the time to connect. */
  readonly latencyNs: number
  /** What is odd about the answer and lets a load go on. */
  readonly notes: readonly string[]
}

/**
 * Sends one request of a load before the load, so that a mistake is one line and not ten thousand failures.
 * @throws TargetError when the target gives no answer that can be read, or fails; UsageError when it answers something
 * else than the profile expects, with the fix
 */
export async function preflight(wanted: PreflightRequest): Promise<PreflightAnswer> {
  const { url, timeoutMs, token, tls } = wanted
  const ask = (address: string): Promise<TargetAnswer> => askTarget(address, { token, timeoutMs, tls })
  const answer = await ask(url + wanted.path).catch((error: unknown) => {
    throw error instanceof UsageError ? error : noAnswer(error, new URL(url), timeoutMs)
  })
  refuseAnswer(wanted, answer)
  const server = headerText(answer.headers['server'])
  const health = await ask(`${url}/health`).then(
    ({ status, text }) => (status === 200 ? healthFacts(text) : {}),
    () => ({}),
  )
  return {
    server: { ...(server === '' ? {} : { server }), ...health },
    latencyNs: answer.latencyNs,
    notes: oddities(answer),
  }
}

/** Engines read headers of at least this size; k6 reads more. */
const ampleHeaderBytes = 16_384

/** What a client need not put up with, though ours do. */
function oddities({ interim, headers, headerBytes, status }: TargetAnswer): readonly string[] {
  const length = headers['content-length']
  return [
    ...interim.map(
      (code) => `the target sends an unrequested interim answer ${code}, which not every client skips`,
    ),
    ...(headerBytes > ampleHeaderBytes
      ? [
          `the target's headers have ${Math.ceil(headerBytes / 1000)} kB; many clients and proxies refuse more than 16 kB`,
        ]
      : []),
    ...(status === 204 && length !== undefined && length !== '0'
      ? [`the target announces ${length} bytes with a 204, which has no body (RFC 9110 §8.6)`]
      : []),
  ]
}

const headerText = (value: string | string[] | undefined): string =>
  typeof value === 'string' ? value : (value?.[0] ?? '')

/** What a server says of itself is one line of a report. */
const longestFact = 100
const mostFacts = 12

function healthFacts(text: string): ServerFacts {
  try {
    const body: unknown = JSON.parse(text)
    const entries = typeof body === 'object' && body !== null ? Object.entries(body) : []
    const facts = entries.flatMap(([key, value]) =>
      typeof value === 'object' && value !== null ? Object.entries(value) : [[key, value] as const],
    )
    return Object.fromEntries(
      facts
        .flatMap(([key, value]) =>
          typeof value === 'string' || typeof value === 'number'
            ? [[key, String(value).slice(0, longestFact)]]
            : [],
        )
        .slice(0, mostFacts),
    )
  } catch {
    return {}
  }
}

function refuseAnswer(
  { url, path, status: expected, token }: PreflightRequest,
  { status, headers, text, isCut, bodyBytes }: TargetAnswer,
): void {
  const asked = `GET ${path.split('?')[0]}`
  if (isCut) {
    const announced = headers['content-length']
    throw new TargetError(
      'TARGET_CUT_OFF',
      `${asked} answers ${status}, but the connection was closed after ${bodyBytes}${announced === undefined ? ' bytes of its body, before the end' : ` of the ${announced} bytes announced`}; fix the server, or what stands before it`,
    )
  }
  if (expected === null) return
  if (expected !== status && /\bALPN\b.*\bh2\b/s.test(text)) throw http2Only(new URL(url).host, new URL(url))
  const location = headerText(headers['location'])
  const type = headerText(headers['content-type'])
  if (status >= 300 && status < 400 && expected !== status) {
    throw new UsageError(
      'LOAD_REDIRECTED',
      `${asked} answers ${status}, elsewhere: ${redacted(location) || 'no Location'}; put that address into --url, redirects are not followed`,
    )
  }
  if (status === 401 || status === 403) {
    const fix =
      token === undefined
        ? 'put a token into an environment variable and name it with --auth-token-env'
        : 'the token that --auth-token-env names is not accepted'
    throw new UsageError('LOAD_UNAUTHORIZED', `${asked} answers ${status}; ${fix}`)
  }
  if (status === 404 && expected !== 404) {
    throw new UsageError(
      'LOAD_WRONG_PATH',
      `${asked} answers 404: the path below --url is wrong, or the profile's rows are not those of this API (draw them from its database: forgebench load draw-data)`,
    )
  }
  if (status >= 500 && expected !== status) {
    throw new TargetError('TARGET_FAILING', `${asked} answers ${status}: ${firstLine(text)}`)
  }
  if (status !== expected) {
    throw new UsageError(
      'LOAD_WRONG_STATUS',
      `${asked} answers ${status} where the profile expects ${expected}: ${firstLine(text)}`,
    )
  }
  if (/^text\/html\b/i.test(type) || /^\s*<(!doctype|html)/i.test(text)) {
    throw new UsageError(
      'LOAD_NOT_JSON',
      `${asked} answers a page of HTML where JSON is due; let --url name the API itself`,
    )
  }
}

const firstLine = (text: string): string => text.trim().split('\n')[0]?.slice(0, 200) || 'nothing more'
