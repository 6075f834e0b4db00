import Fastify, { type FastifyInstance } from 'fastify'
import { jsonType } from './answer.ts'
import { answerClientError, answerError, answerErrors, bodyLimitBytes } from './answer-errors.ts'
import type { ApiSurroundings } from './api-surroundings.ts'
import { evaluationRoutes } from './evaluation-routes.ts'
import { promptRoutes, versionRoutes } from './prompt-routes.ts'
import { RouteTable } from './route-table.ts'
import type { ApiStore } from './store.ts'

/** The reference API over a store, not yet listening. */
export function buildApi(store: ApiStore, { metrics, metricsText, facts }: ApiSurroundings): FastifyInstance {
  const api = Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    // A request on an open connection is answered in earnest until the end, with «connection: close».
    return503OnClosing: false,
    // Values are taken as they come or refused: «limit=abc» is no zero, and unknown fields are no noise.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => answerError(metrics, error, request, reply),
  })
  // What is not said to be JSON is refused, plain text too.
  api.removeContentTypeParser('text/plain')
  answerErrors(api, metrics)
  const routes = new RouteTable(api, metrics)
  promptRoutes(routes, store)
  versionRoutes(routes, store)
  evaluationRoutes(routes, store)
  routes.refuseOtherMethods()
  const health = JSON.stringify(facts)
  api.get('/health', (_request, reply) => void reply.header('content-type', jsonType).send(health))
  api.get('/metrics', async (_request, reply) =>
    reply.header('content-type', metrics.registry.contentType).send(await metricsText()),
  )
  return api
}
