import { TargetError } from '../core/errors.ts'
import { targetErrorCode, type TargetErrorCode } from './error-code.ts'

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

/** Codes of the client for a connection that could not be made or did not last. */
const connectionCodes = new Set(['HRANA_WEBSOCKET_ERROR', 'HRANA_CLOSED_ERROR'])

/** Codes of the server for statements that it cannot take as they are. */
const sqlCodes = new Set(['SQL_PARSE_ERROR', 'SQL_INPUT_ERROR'])

const isAboutSql = /no such (?:table|column|function)|has no column|syntax error/

function remoteErrorCode(error: unknown): TargetErrorCode {
  const status = httpStatus(error)
  if (status !== undefined) return byStatus[status] ?? 'TARGET_FAILED'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  // `fetch` reports every failure of the network as a TypeError.
  if (error instanceof TypeError || connectionCodes.has(code)) return 'TARGET_UNREACHABLE'
  // The server calls what it cannot prepare unknown, and says in words only that it is the statement's fault.
  if (sqlCodes.has(code) || (code === 'SQLITE_UNKNOWN' && isAboutSql.test((error as Error).message))) {
    return 'TARGET_SQL'
  }
  return targetErrorCode(error)
}

const hints: Partial<Readonly<Record<TargetErrorCode, string>>> = {
  TARGET_UNREACHABLE: 'cannot be reached; is the server running, and the URL right?',
  TARGET_DENIED: 'refuses the token; name the variable that holds a valid one with --auth-token-env',
  TARGET_OVERLOADED: 'has too much to do; try again later',
  TARGET_NOT_FOUND: 'knows no such database; check the URL',
}

/** Wraps an error of a libSQL server or of the way to it in ours, in one line. */
export function asRemoteError(error: unknown, url: string): TargetError {
  if (error instanceof TargetError) return error
  const code = remoteErrorCode(error)
  const [message] = (error instanceof Error ? error.message : String(error)).split('\n')
  return new TargetError(code, `${url}: ${hints[code] ?? message}`, { cause: error })
}
