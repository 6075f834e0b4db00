import { created, jsonOf, ok, pageOf } from '../answer.ts'
import { ApiError } from '../api-error.ts'
import {
  insertEvaluation,
  overallScore,
  selectEvaluation,
  selectEvaluations,
  selectScore,
  type NewEvaluation,
} from '../store/evaluation-sql.ts'
import { freshRow } from './fresh-row.ts'
import { idParams, newEvaluation, noQuery, pageQuery } from './input-schema.ts'
import { answers200, answers201 } from './output-schema.ts'
import { limitOf, type ChangeById, type PageRequestById, type RequestById } from './page-request.ts'
import type { RouteTable } from './route-table.ts'
import type { ApiStore } from '../store/store.ts'
import { isoTime } from '../timestamp.ts'

/** Evaluations of a prompt, one evaluation, and its score. */
export function evaluationRoutes(routes: RouteTable, store: ApiStore): void {
  const { jsonForm } = store
  const ofPrompt = '/api/v1/prompts/:id/evaluations'
  const one = '/api/v1/evaluations/:id'
  routes.add<PageRequestById>({
    method: 'GET',
    url: ofPrompt,
    schema: {
      params: idParams,
      querystring: pageQuery,
      ...answers200('EvaluationPage', 'Evaluations of a prompt, newest first'),
    },
    handle: async ({ params, query }) => {
      const limit = limitOf(query)
      const row = await store.readRow(selectEvaluations(jsonForm, params.id, limit, query.cursor))
      return ok(pageOf(row, limit, 'prompt'))
    },
  })
  routes.add<ChangeById<NewEvaluation>>({
    method: 'POST',
    url: ofPrompt,
    schema: {
      params: idParams,
      body: newEvaluation,
      querystring: noQuery,
      ...answers201('CreatedEvaluation', 'A new evaluation with its test results'),
    },
    handle: async ({ params, body }) => {
      const { id, now } = freshRow()
      const resultIds = (body.results ?? []).map(() => freshRow().id)
      const [effect] = await store.write(insertEvaluation(params.id, id, body, resultIds, now))
      if (effect?.rowsChanged !== 1) throw new ApiError(404, 'NOT_FOUND', 'no such prompt, or it is deleted')
      return created(one.replace(':id', id), createdEvaluation(id, params.id, body, isoTime(now)))
    },
  })
  routes.add<RequestById>({
    method: 'GET',
    url: one,
    schema: {
      params: idParams,
      querystring: noQuery,
      ...answers200('Evaluation', 'One evaluation with its test results'),
    },
    handle: async ({ params }) =>
      ok(jsonOf(await store.readRow(selectEvaluation(jsonForm, params.id)), 'evaluation')),
  })
  routes.add<RequestById>({
    method: 'GET',
    url: `${one}/score`,
    schema: {
      params: idParams,
      querystring: noQuery,
      ...answers200('Score', 'Mean score of the results that passed'),
    },
    handle: async ({ params }) =>
      ok(jsonOf(await store.readRow(selectScore(jsonForm, params.id)), 'evaluation')),
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
