import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { TargetError } from '../core/errors.ts'
import { ApiError, errorBody } from './api-error.ts'
import { RequestMetrics } from './metrics.ts'
import { promptRoutes } from './prompt-routes.ts'
import type { ApiStore } from './store.ts'

const bodyLimitBytes = 1_048_576
const jsonType = 'application/json; charset=utf-8'

/** The reference API over a store, not yet listening. */
export function buildApi(store: ApiStore, facts: Readonly<Record<string, string>>): FastifyInstance {
  const api = Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    // Values are taken as they come or refused: «limit=abc» is no zero, and unknown fields are no noise.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
  })
  answerErrors(api)
  countRequests(api, new RequestMetrics())
  api.get('/health', async (_request, reply) =>
    reply.header('content-type', jsonType).send(JSON.stringify({ status: 'ok', ...facts })),
  )
  promptRoutes(api, store)
  return api
}

function countRequests(api: FastifyInstance, metrics: RequestMetrics): void {
  const recorders = new Map<string, (status: number, elapsedMs: number) => void>()
  api.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown'
    const key = `${request.method} ${route}`
    let record = recorders.get(key)
    if (record === undefined) {
      record = metrics.route(request.method, route)
      recorders.set(key, record)
    }
    record(reply.statusCode, reply.elapsedTime)
    done()
  })
  api.get('/metrics', async (_request, reply) =>
    reply.header('content-type', metrics.registry.contentType).send(await metrics.registry.metrics()),
  )
}

const byFastifyCode: Readonly<Record<string, readonly [code: string, message: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['BODY_TOO_LARGE', `the body is larger than ${bodyLimitBytes} bytes`],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['UNSUPPORTED_MEDIA_TYPE', 'send the body as application/json'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['INVALID_BODY', 'the body is empty; it must be JSON'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['INVALID_BODY', 'the body is not valid JSON'],
}

function answerErrors(api: FastifyInstance): void {
  api.setErrorHandler((error: FastifyError, _request, reply) => {
    const { status, code, message } = asApiError(error)
    if (status === 503) reply.header('retry-after', '1')
    return reply.code(status).header('content-type', jsonType).send(errorBody(code, message))
  })
  api.setNotFoundHandler((request, reply) => {
    return reply
      .code(404)
      .header('content-type', jsonType)
      .send(errorBody('NOT_FOUND', `no route ${request.method} ${request.url.split('?')[0]}`))
  })
}

function asApiError(error: FastifyError): ApiError {
  if (error instanceof ApiError) return error
  if (error.validation !== undefined) {
    const part = error.validationContext === 'querystring' ? 'QUERY' : (error.validationContext ?? 'input')
    return new ApiError(400, `INVALID_${part.toUpperCase()}`, error.message)
  }
  if (error instanceof TargetError) {
    if (error.code === 'TARGET_BUSY')
      return new ApiError(503, 'DATABASE_BUSY', 'the database is busy; try again')
    if (error.code === 'TARGET_CONSTRAINT') {
      return new ApiError(409, 'CONFLICT', 'the database refused the row: a constraint of its schema')
    }
    return new ApiError(500, 'DATABASE_FAILED', 'the database failed; nothing was written')
  }
  const known = byFastifyCode[error.code]
  const status = error.statusCode ?? 500
  if (known !== undefined) return new ApiError(status, ...known)
  if (status < 500) return new ApiError(status, 'BAD_REQUEST', error.message)
  return new ApiError(500, 'INTERNAL', 'the server failed; nothing was acknowledged')
}
