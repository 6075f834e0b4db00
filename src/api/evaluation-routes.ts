import type { FastifyRequest } from 'fastify'
import { created, jsonOf, ok } from './answer.ts'
import { ApiError } from './api-error.ts'
import {
  insertEvaluation,
  overallScore,
  selectEvaluation,
  selectEvaluations,
  selectScore,
  type NewEvaluation,
} from './evaluation-sql.ts'
import { idParams, newEvaluation, noQuery, pageQuery } from './input-schema.ts'
import { newId } from './new-id.ts'
import { fresh, limitOf, pageOf, whenRead, type PageQuery } from './prompt-routes.ts'
import type { RouteTable } from './route-table.ts'
import type { ApiStore } from './store.ts'
import { isoTime } from './timestamp.ts'

interface ById {
  readonly Params: { readonly id: string }
}

/** Evaluations of a prompt, one evaluation, and its score. */
export function evaluationRoutes(routes: RouteTable, store: ApiStore): void {
  const ofPrompt = '/api/v1/prompts/:id/evaluations'
  routes.add<FastifyRequest<ById & { Querystring: PageQuery }>>({
    method: 'GET',
    url: ofPrompt,
    schema: { params: idParams, querystring: pageQuery },
    handle: ({ params, query }) => {
      const limit = limitOf(query)
      const found = store.readRow(selectEvaluations(store.jsonForm, params.id, limit, query.cursor))
      return whenRead(found, (row) => ok(pageOf(row, limit)))
    },
  })
  routes.add<FastifyRequest<ById & { Body: NewEvaluation }>>({
    method: 'POST',
    url: ofPrompt,
    schema: { params: idParams, body: newEvaluation, querystring: noQuery },
    handle: async ({ params, body }) => {
      const { id, now } = fresh()
      const nowMs = Date.now()
      const resultIds = (body.results ?? []).map(() => newId(nowMs))
      const [effect] = await store.write(insertEvaluation(params.id, id, body, resultIds, now))
      if (effect?.rowsChanged !== 1) throw new ApiError(404, 'NOT_FOUND', 'no such prompt, or it is deleted')
      return created(`/api/v1/evaluations/${id}`, createdEvaluation(id, params.id, body, isoTime(now)))
    },
  })
  routes.add<FastifyRequest<ById>>({
    method: 'GET',
    url: '/api/v1/evaluations/:id',
    schema: { params: idParams, querystring: noQuery },
    handle: ({ params }) =>
      whenRead(store.readRow(selectEvaluation(store.jsonForm, params.id)), (row) =>
        ok(jsonOf(row, 'evaluation')),
      ),
  })
  routes.add<FastifyRequest<ById>>({
    method: 'GET',
    url: '/api/v1/evaluations/:id/score',
    schema: { params: idParams, querystring: noQuery },
    handle: ({ params }) =>
      whenRead(store.readRow(selectScore(store.jsonForm, params.id)), (row) => ok(jsonOf(row, 'evaluation'))),
  })
}

const createdEvaluation = (id: string, promptId: string, evaluation: NewEvaluation, now: string): string =>
  JSON.stringify({
    id,
    prompt_id: promptId,
    status: evaluation.status ?? 'completed',
    overall_score: overallScore(evaluation),
    result_count: evaluation.results?.length ?? 0,
    created_at: now,
  })
