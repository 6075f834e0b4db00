import type { FastifyRequest } from 'fastify'
import { created, jsonOf, noContent, ok, type Answer } from './answer.ts'
import { ApiError } from './api-error.ts'
import {
  idParams,
  newPrompt,
  newVersion,
  noQuery,
  pageQuery,
  promptChange,
  promptListQuery,
} from './input-schema.ts'
import { pageBody } from './json-sql.ts'
import { newId } from './new-id.ts'
import {
  deletePrompt,
  insertPrompt,
  insertVersion,
  selectPrompt,
  selectPrompts,
  selectVersions,
  updatePrompt,
  type NewPrompt,
  type PromptFields,
} from './prompt-sql.ts'
import type { RouteTable } from './route-table.ts'
import type { ApiStore } from './store.ts'
import { isoTime, timestamp } from './timestamp.ts'

export interface PageQuery {
  readonly limit?: string
  readonly cursor?: string
}

interface ListQuery extends PageQuery {
  readonly user_id?: string
  readonly status?: string
}

interface ById {
  readonly Params: { readonly id: string }
}

const prompts = '/api/v1/prompts'

/** The number of rows of a page; 20 unless asked otherwise. */
export const limitOf = ({ limit }: PageQuery): number => (limit === undefined ? 20 : Number(limit))

/** Prompts: list, one, create, change, delete. */
export function promptRoutes(routes: RouteTable, store: ApiStore): void {
  routes.add<FastifyRequest<{ Querystring: ListQuery }>>({
    method: 'GET',
    url: prompts,
    schema: { querystring: promptListQuery },
    handle: ({ query }) => {
      const { user_id: userId, status, cursor } = query
      const limit = limitOf(query)
      const found = store.readRow(selectPrompts(store.jsonForm, { limit, userId, status, cursor }))
      return whenRead(found, (row) => ok(pageBody(row, limit)))
    },
  })
  routes.add<FastifyRequest<ById>>({
    method: 'GET',
    url: `${prompts}/:id`,
    schema: { params: idParams, querystring: noQuery },
    handle: ({ params }) =>
      whenRead(store.readRow(selectPrompt(store.jsonForm, params.id)), (row) => ok(jsonOf(row, 'prompt'))),
  })
  routes.add<FastifyRequest<{ Body: NewPrompt }>>({
    method: 'POST',
    url: prompts,
    schema: { body: newPrompt, querystring: noQuery },
    handle: async ({ body }) => {
      const { id, now } = fresh()
      await store.write([insertPrompt(id, body, now)])
      return created(`${prompts}/${id}`, createdPrompt(id, body, isoTime(now)))
    },
  })
  routes.add<FastifyRequest<ById & { Body: Partial<PromptFields> }>>({
    method: 'PATCH',
    url: `${prompts}/:id`,
    schema: { params: idParams, body: promptChange, querystring: noQuery },
    handle: async ({ params, body }) => {
      const change = updatePrompt(store.jsonForm, params.id, body, timestamp(Date.now()))
      const [effect] = await store.write([change])
      return ok(jsonOf(effect?.row, 'prompt'))
    },
  })
  routes.add<FastifyRequest<ById>>({
    method: 'DELETE',
    url: `${prompts}/:id`,
    schema: { params: idParams, querystring: noQuery },
    handle: async ({ params }) => {
      const [, found] = await store.write(deletePrompt(params.id, timestamp(Date.now())))
      if (found?.row === undefined) throw new ApiError(404, 'NOT_FOUND', 'no such prompt')
      return noContent
    },
  })
}

/** Versions of a prompt: the tree it belongs to, and a new one. */
export function versionRoutes(routes: RouteTable, store: ApiStore): void {
  const url = `${prompts}/:id/versions`
  routes.add<FastifyRequest<ById & { Querystring: PageQuery }>>({
    method: 'GET',
    url,
    schema: { params: idParams, querystring: pageQuery },
    handle: ({ params, query }) => {
      const limit = limitOf(query)
      const found = store.readRow(selectVersions(store.jsonForm, params.id, limit, query.cursor))
      return whenRead(found, (row) => ok(pageOf(row, limit)))
    },
  })
  routes.add<FastifyRequest<ById & { Body: Partial<PromptFields> }>>({
    method: 'POST',
    url,
    schema: { params: idParams, body: newVersion, querystring: noQuery },
    handle: async ({ params, body }) => {
      const { id, now } = fresh()
      const [effect] = await store.write([insertVersion(store.jsonForm, params.id, id, body, now)])
      return created(`${prompts}/${id}`, jsonOf(effect?.row, 'prompt'))
    },
  })
}

/** A page of what belongs to a prompt, or 404 where there is no such prompt. */
export function pageOf(row: Parameters<typeof pageBody>[0], limit: number): string | Buffer {
  if (row === undefined) throw new ApiError(404, 'NOT_FOUND', 'no such prompt, or it is deleted')
  return pageBody(row, limit)
}

/** The answer at once where the row is there at once: an await would put it off to the end of the turn. */
export function whenRead(
  found: ReturnType<ApiStore['readRow']>,
  answer: (row: Awaited<typeof found>) => Answer,
): Answer | Promise<Answer> {
  return found instanceof Promise ? found.then(answer) : answer(found)
}

/** Id and stored timestamp of a row that is made now. */
export function fresh(): { readonly id: string; readonly now: string } {
  const nowMs = Date.now()
  return { id: newId(nowMs), now: timestamp(nowMs) }
}

const createdPrompt = (id: string, prompt: NewPrompt, now: string): string =>
  JSON.stringify({
    id,
    title: prompt.title,
    description: prompt.description ?? null,
    content: prompt.content,
    system_message: prompt.system_message ?? null,
    tags: prompt.tags ?? null,
    meta_data: prompt.meta_data ?? null,
    version: 1,
    parent_id: null,
    user_id: prompt.user_id,
    status: prompt.status ?? 'draft',
    created_at: now,
    updated_at: now,
  })
