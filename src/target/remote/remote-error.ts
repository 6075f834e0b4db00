import { messageOf } from '../../core/error-text.ts'
import { TargetError } from '../../core/errors.ts'
import { targetErrorCode, type TargetErrorCode } from '../error-code.ts'

/** The HTTP status behind an error of `@libsql/client`, wherever in its causes it stands. */
function httpStatus(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined
  if ('status' in error && typeof error.status === 'number') return error.status
  return httpStatus(error.cause)
}

const byStatus: Readonly<Record<number, TargetErrorCode>> = {
  401: 'TARGET_DENIED',
  403: 'TARGET_DENIED',
  404: 'TARGET_NOT_FOUND',
  429: 'TARGET_OVERLOADED',
  502: 'TARGET_UNREACHABLE',
  503: 'TARGET_OVERLOADED',
  504: 'TARGET_UNREACHABLE',
}

/** Codes of libSQL servers (Hrana), which the client hands on. */
const byServerCode: Readonly<Record<string, TargetErrorCode>> = {
  AUTH_JWT_INVALID: 'TARGET_TOKEN_INVALID',
  AUTH_JWT_EXPIRED: 'TARGET_TOKEN_EXPIRED',
  TRANSACTION_TIMEOUT: 'TARGET_TRANSACTION_TIMEOUT',
  STREAM_EXPIRED: 'TARGET_STREAM_EXPIRED',
  RESPONSE_TOO_LARGE: 'TARGET_RESPONSE_TOO_LARGE',
  BLOCKED: 'TARGET_BLOCKED',
}

/** Codes of the client for a connection that could not be made or did not last. */
const connectionCodes = new Set(['HRANA_WEBSOCKET_ERROR', 'HRANA_CLOSED_ERROR'])

/** Codes of the server for statements that it cannot take as they are. */
const sqlCodes = new Set(['SQL_PARSE_ERROR', 'SQL_INPUT_ERROR'])

const isAboutSql =
  /no such (?:table|column|function)|has no column|syntax error|^Sqlite3(?:Parser|Syntax)Error/

function remoteErrorCode(error: unknown): TargetErrorCode {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const told = byServerCode[code]
  if (told !== undefined) return told
  // The second is what a replica hands on from its primary.
  const forbidden = code === 'PROXY_ERROR' && /Authorization forbidden/.test((error as Error).message)
  if (code.startsWith('AUTH_') || forbidden) return 'TARGET_DENIED'
  const status = httpStatus(error)
  if (status !== undefined) return byStatus[status] ?? 'TARGET_FAILED'
  // `fetch` reports every failure of the network as a TypeError.
  if (error instanceof TypeError || connectionCodes.has(code)) return 'TARGET_UNREACHABLE'
  if (sqlCodes.has(code)) return 'TARGET_SQL'
  // Servers and replicas call what they cannot prepare unknown, and say in words only that it is the statement's fault.
  const found = targetErrorCode(error)
  if (found !== 'TARGET_FAILED') return found
  if (/constraint failed/i.test(messageOf(error))) return 'TARGET_CONSTRAINT'
  return isAboutSql.test(messageOf(error)) ? 'TARGET_SQL' : found
}

const name = 'name the variable that holds a valid one with --auth-token-env'

const hints: Partial<Readonly<Record<TargetErrorCode, string>>> = {
  TARGET_UNREACHABLE: 'cannot be reached; is the server running, and the URL right?',
  TARGET_DENIED: `refuses the token; ${name}`,
  TARGET_TOKEN_MISSING: `asks for a token; ${name}`,
  TARGET_TOKEN_INVALID: `refuses the token: it is not one of this server; ${name}`,
  TARGET_TOKEN_EXPIRED: `refuses the token: it has expired; ${name}`,
  TARGET_TOKEN_READ_ONLY: 'refuses to write: the token may only read; use one that may write',
  TARGET_OVERLOADED: 'has too much to do; lower the concurrency, or try again later',
  TARGET_NOT_FOUND: 'knows no such database; check the URL',
  TARGET_BUSY: 'is locked by another writer; try again',
  TARGET_TRANSACTION_TIMEOUT:
    'ended a transaction that others waited for too long; make it shorter, or send its statements as one batch',
  TARGET_STREAM_EXPIRED: 'closed a transaction that was idle for too long; send its statements sooner',
  TARGET_RESPONSE_TOO_LARGE: 'gives no answer of that size; ask for fewer rows at once with LIMIT',
  TARGET_BLOCKED:
    'is blocked: the quota of rows read or written is used up; raise it, or wait for the next month',
}

/** Wraps an error of a libSQL server or of the way to it in ours, in one line. */
export function asRemoteError(error: unknown, url: string): TargetError {
  if (error instanceof TargetError) return error
  return remoteError(remoteErrorCode(error), url, error)
}

function remoteError(code: TargetErrorCode, url: string, cause: unknown): TargetError {
  const [message] = (cause instanceof Error ? cause.message : String(cause)).split('\n')
  return new TargetError(code, `${url}: ${hints[code] ?? message}`, { cause })
}

/**
 * As `asRemoteError`, and where the server refuses the token, why. The client leaves out what the server says of it, and
 * over WebSocket sees only a closed connection, so the server is asked once more over HTTP.
 */
export async function explainedRemoteError(
  error: unknown,
  url: string,
  authToken: string | undefined,
): Promise<TargetError> {
  if (error instanceof TargetError) return error
  const found = asRemoteError(error, url)
  const isClosedSocket = found.code === 'TARGET_UNREACHABLE' && /^(?:wss?|libsql):/.test(url)
  if (found.code !== 'TARGET_DENIED' && !isClosedSocket) return found
  const why = await whyDenied(httpUrl(url), authToken)
  return why === undefined ? found : remoteError(why, url, error)
}

/** The URL of a server for plain HTTP. */
export const httpUrl = (url: string): string =>
  url.replace(/^(?:libsql|wss):/, 'https:').replace(/^ws:/, 'http:')

const askTimeoutMs = 2_000

/** Why a server refuses work with that token; undefined when it does not, or cannot be asked. */
async function whyDenied(url: string, authToken: string | undefined): Promise<TargetErrorCode | undefined> {
  const answer = await fetch(`${url}/v2/pipeline`, {
    method: 'POST',
    headers: authToken === undefined ? {} : { authorization: `Bearer ${authToken}` },
    body: JSON.stringify({ requests: [{ type: 'execute', stmt: { sql: 'SELECT 1' } }, { type: 'close' }] }),
    signal: AbortSignal.timeout(askTimeoutMs),
    redirect: 'error',
  }).catch(() => undefined)
  if (answer === undefined) return undefined
  const text = await answer.text().catch(() => '')
  if (answer.ok) return isReadOnly(authToken) ? 'TARGET_TOKEN_READ_ONLY' : undefined
  if (answer.status === 403) return 'TARGET_DENIED'
  if (answer.status !== 401) return undefined
  if (authToken === undefined) return 'TARGET_TOKEN_MISSING'
  return /expired/i.test(text) ? 'TARGET_TOKEN_EXPIRED' : 'TARGET_TOKEN_INVALID'
}

/** Whether a token says of itself that it may only read: libSQL servers and Turso write `{"a":"ro"}`. */
function isReadOnly(authToken = ''): boolean {
  try {
    const claims: unknown = JSON.parse(Buffer.from(authToken.split('.')[1] ?? '', 'base64url').toString())
    return typeof claims === 'object' && claims !== null && 'a' in claims && claims.a === 'ro'
  } catch {
    return false
  }
}
