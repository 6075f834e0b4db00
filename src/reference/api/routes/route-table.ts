import { METHODS } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { jsonType, type Answer } from '../answer.ts'
import { ApiError } from '../api-error.ts'
import type { RequestMetrics } from '../server/metrics.ts'

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export interface Route<Request extends FastifyRequest> {
  readonly method: Method
  readonly url: string
  readonly schema: object
  readonly handle: (request: Request) => Promise<Answer>
}

/** All that Node's parser knows; CONNECT never becomes a request. */
const allMethods = METHODS.filter((method) => method !== 'CONNECT')

/** The routes of the API: each is counted, and a method that a path does not know is answered with 405. */
export class RouteTable {
  readonly #api: FastifyInstance
  readonly #metrics: RequestMetrics
  readonly #methods = new Map<string, Method[]>()
  #closing = false

  constructor(api: FastifyInstance, metrics: RequestMetrics) {
    this.#api = api
    this.#metrics = metrics
    api.addHook('preClose', async () => {
      this.#closing = true
    })
  }

  add<Request extends FastifyRequest>({ method, url, schema, handle }: Route<Request>): void {
    this.#methods.set(url, [...(this.#methods.get(url) ?? []), method])
    const record = this.#metrics.route(method, url)
    this.#api.route({
      method,
      url,
      schema,
      handler: (request, reply) => {
        const startedMs = performance.now()
        const succeed = (answer: Answer): void => {
          record(answer.status, performance.now() - startedMs)
          // Requests that were in work when the server began to close would leave a connection open.
          if (this.#closing) reply.header('connection', 'close')
          send(reply, answer)
        }
        // Fastify's own way with promises costs a second pass over the reply; errors go to its error handler.
        const fail = (error: unknown): void => void reply.send(error)
        void handle(request as Request).then(succeed, fail)
      },
    })
  }

  /** Call it when all routes are there. */
  refuseOtherMethods(): void {
    for (const method of allMethods) {
      if (!this.#api.supportedMethods.includes(method)) this.#api.addHttpMethod(method)
    }
    for (const [url, methods] of this.#methods) {
      const known = methods.includes('GET') ? [...methods, 'HEAD'] : methods
      this.#api.route({
        method: allMethods.filter((method) => !(known as readonly string[]).includes(method)),
        url,
        schema: { hide: true },
        // Before the body is read: what it holds does not matter.
        onRequest: (_request, reply, done) => {
          reply.header('allow', known.join(', '))
          done(new ApiError(405, 'METHOD_NOT_ALLOWED', `this path takes ${known.join(', ')}`))
        },
        handler: () => undefined,
      })
    }
  }
}

function send(reply: FastifyReply, { status, body, location, type = jsonType }: Answer): void {
  if (status !== 200) reply.code(status)
  if (location !== undefined) reply.header('location', location)
  if (body === null) void reply.send()
  else void reply.header('content-type', type).send(body)
}
