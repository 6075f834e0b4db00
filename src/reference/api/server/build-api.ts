import Fastify, { type FastifyInstance } from 'fastify'
import {
  answerClientError,
  answerConnect,
  answerError,
  answerErrors,
  bodyLimitBytes,
} from './answer-errors.ts'
import type { ApiContext } from './api-context.ts'
import { evaluationRoutes } from '../routes/evaluation-routes.ts'
import { takeJsonBodies } from '../json-body.ts'
import { describeRoutes } from '../routes/openapi.ts'
import { promptRoutes, versionRoutes } from '../routes/prompt-routes.ts'
import { parseQuery } from '../query.ts'
import { RouteTable } from '../routes/route-table.ts'
import { serviceRoutes } from '../routes/service-routes.ts'
import type { ApiStore } from '../store/store.ts'

/** The reference API over a store, not yet listening. */
export function buildApi(store: ApiStore, context: ApiContext): FastifyInstance {
  const { metrics } = context
  const api = Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: 30_000,
    // Who neither sends nor reads for so long is gone, whatever it has been promised.
    connectionTimeout: 60_000,
    http: { headersTimeout: 30_000, connectionsCheckingInterval: 5_000 },
    forceCloseConnections: 'idle',
    // A request on an open connection is answered in earnest until the end, with «connection: close».
    return503OnClosing: false,
    routerOptions: { querystringParser: parseQuery, maxParamLength: 1_000 },
    // Values are taken as they come or refused: «limit=abc» is no zero, and unknown fields are no noise.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => answerError(metrics, error, request, reply),
  })
  api.server.on('connect', answerConnect)
  // What is not said to be JSON is refused, plain text too.
  api.removeAllContentTypeParsers()
  takeJsonBodies(api)
  answerErrors(api, metrics)
  void api.register(async (scope) => {
    await describeRoutes(scope)
    const routes = new RouteTable(scope, metrics)
    promptRoutes(routes, store)
    versionRoutes(routes, store)
    evaluationRoutes(routes, store)
    serviceRoutes(routes, scope, context)
    routes.refuseOtherMethods()
  })
  return api
}
