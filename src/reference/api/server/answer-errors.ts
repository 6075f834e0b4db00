import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TargetError } from '../../../core/errors.ts'
import { jsonType } from '../answer.ts'
import { ApiError, errorBody } from '../api-error.ts'
import { inputError } from '../input-error.ts'
import type { RequestMetrics } from './metrics.ts'

/** Largest body that is taken, in bytes. */
export const bodyLimitBytes = 1_048_576

const byFastifyCode: Readonly<Record<string, readonly [code: string, message: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['BODY_TOO_LARGE', `the body is larger than ${bodyLimitBytes} bytes`],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['UNSUPPORTED_MEDIA_TYPE', 'send the body as application/json'],
  FST_ERR_MAX_PARAM_LENGTH: ['URL_TOO_LONG', 'a part of the path is too long'],
  FST_ERR_BAD_URL: ['INVALID_URL', 'the path is not a valid URL'],
}

const byTargetCode: Readonly<Record<string, readonly [status: number, code: string, message: string]>> = {
  TARGET_BUSY: [503, 'DATABASE_BUSY', 'the database is busy; try again'],
  TARGET_OVERLOADED: [503, 'DATABASE_BUSY', 'the database server has too much to do; try again'],
  TARGET_UNREACHABLE: [
    503,
    'DATABASE_UNREACHABLE',
    'the database server did not answer; nothing is acknowledged',
  ],
  TARGET_REPLACED: [
    503,
    'DATABASE_REPLACED',
    'the database file was replaced or deleted while it was served; nothing is acknowledged until the server is started again',
  ],
  TARGET_CONSTRAINT: [409, 'CONFLICT', 'the database refused the row: it breaks a constraint of the schema'],
  TARGET_DISK_FULL: [507, 'DATABASE_FULL', 'the disk of the database is full; nothing was written'],
  TARGET_READ_ONLY: [500, 'DATABASE_READ_ONLY', 'the database cannot be written'],
}

/** Any failure as an answer. What a driver says stays here: it may name paths and statements. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof TargetError) {
    const known = byTargetCode[error.code]
    return known === undefined
      ? new ApiError(500, 'DATABASE_FAILED', 'the database failed; nothing is acknowledged')
      : new ApiError(...known)
  }
  const { validation, code = '', statusCode = 500, message } = error as Partial<FastifyError> & Error
  if (validation !== undefined) return inputError(error as FastifyError)
  const known = byFastifyCode[code]
  if (known !== undefined) return new ApiError(statusCode, ...known)
  if (statusCode < 500) return new ApiError(statusCode, 'BAD_REQUEST', message)
  return new ApiError(500, 'INTERNAL', 'the server failed; nothing is acknowledged')
}

/** Gives every failure a JSON body, and counts it. */
export function answerErrors(api: FastifyInstance, metrics: RequestMetrics): void {
  api.setErrorHandler((error, request, reply) => answerError(metrics, error, request, reply))
  api.setNotFoundHandler((request, reply) => {
    const message = `no such path: ${request.url.split('?')[0]}`
    answerError(metrics, new ApiError(404, 'NOT_FOUND', message), request, reply)
  })
}

export function answerError(
  metrics: RequestMetrics,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { status, code, message } = asApiError(error)
  metrics.count(request.method, routeOf(request), status)
  if (status === 503) reply.header('retry-after', '1')
  void reply.code(status).header('content-type', jsonType).send(errorBody(code, message))
}

/** Paths that are no route share a name, below the API and elsewhere: a label must not grow with what clients ask. */
const routeOf = (request: FastifyRequest): string =>
  request.routeOptions?.url ?? (request.url.startsWith('/api/v1/') ? '/api/v1/*' : '*')

/** How long a client may take to read the last answer before its connection is cut, in milliseconds. */
const lingerMs = 1_000

/** Answers what is no HTTP, and headers that are too large or too slow. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [line, code, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'HEADERS_TOO_LARGE', 'the headers are too large']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'REQUEST_TIMEOUT', 'the request took too long to arrive']
        : ['400 Bad Request', 'BAD_REQUEST', 'the request is not valid HTTP']
  endWith(socket, line, errorBody(code, message))
}

/** Answers CONNECT, for which Node closes the connection unless somebody does. */
export function answerConnect(_request: unknown, socket: Duplex): void {
  const body = errorBody('METHOD_NOT_ALLOWED', 'this server is no proxy; it does not take CONNECT')
  // The server takes plain connections only.
  endWith(socket as Socket, '405 Method Not Allowed', body)
}

/** A client that never closes its side would keep the socket for ever. */
function endWith(socket: Socket, status: string, body: string): void {
  // A client that goes away meanwhile has not failed the server.
  socket.on('error', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: ${jsonType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
  setTimeout(() => {
    if (!socket.destroyed) socket.resetAndDestroy()
  }, lingerMs).unref()
}
