import { stringify } from 'lossless-json'
import type { FastifyInstance } from 'fastify'
import { ok } from '../answer.ts'
import type { ApiContext } from '../server/api-context.ts'
import { answers200, answersDocument, answersMetrics } from './output-schema.ts'
import type { RouteTable } from './route-table.ts'

/** What the API says about itself: its health, its metrics, and its OpenAPI document. */
export function serviceRoutes(
  routes: RouteTable,
  api: FastifyInstance,
  { metrics, metricsText, facts }: ApiContext,
): void {
  const health = JSON.stringify(facts)
  routes.add({
    method: 'GET',
    url: '/health',
    schema: answers200('Facts', 'What serves, on which database'),
    handle: async () => ok(health),
  })
  routes.add({
    method: 'GET',
    url: '/metrics',
    schema: answersMetrics,
    handle: async () => ({ ...ok(await metricsText()), type: metrics.registry.contentType }),
  })
  routes.add({
    method: 'GET',
    url: '/openapi.json',
    schema: answersDocument,
    handle: async () => {
      // JavaScript would print 2^63 as 9223372036854776000, and clients take bounds as they read them.
      const isLarge = (value: unknown): value is number =>
        Number.isInteger(value) && !Number.isSafeInteger(value)
      return ok(stringify(api.swagger(), (_, value) => (isLarge(value) ? BigInt(value) : value)) ?? '')
    },
  })
}
