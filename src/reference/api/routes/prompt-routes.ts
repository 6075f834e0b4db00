import type { FastifyRequest } from 'fastify'
import { created, jsonOf, noContent, ok, pageOf } from '../answer.ts'
import { ApiError } from '../api-error.ts'
import { exactJson } from '../exact-json.ts'
import { freshRow } from './fresh-row.ts'
import {
  idParams,
  newPrompt,
  newVersion,
  noQuery,
  pageQuery,
  promptChange,
  promptListQuery,
} from './input-schema.ts'
import { pageBody } from '../store/json-sql.ts'
import { answers200, answers201, answers204 } from './output-schema.ts'
import {
  limitOf,
  type ChangeById,
  type PageQuery,
  type PageRequestById,
  type RequestById,
} from './page-request.ts'
import {
  defaultUser,
  deletePrompt,
  insertPrompt,
  insertVersion,
  selectPrompt,
  selectPrompts,
  selectVersions,
  updatePrompt,
  type NewPrompt,
  type PromptFields,
} from '../store/prompt-sql.ts'
import type { RouteTable } from './route-table.ts'
import type { ApiStore } from '../store/store.ts'
import { isoTime, timestamp } from '../timestamp.ts'

interface ListQuery extends PageQuery {
  readonly user_id?: string
  readonly status?: string
}

const prompts = '/api/v1/prompts'

/** Prompts: list, one, create, change, delete. */
export function promptRoutes(routes: RouteTable, store: ApiStore): void {
  const { jsonForm } = store
  routes.add<FastifyRequest<{ Querystring: ListQuery }>>({
    method: 'GET',
    url: prompts,
    schema: { querystring: promptListQuery, ...answers200('PromptPage', 'Prompts, newest first') },
    handle: async ({ query }) => {
      const { user_id: userId, status, cursor } = query
      const limit = limitOf(query)
      const row = await store.readRow(selectPrompts(jsonForm, { limit, userId, status, cursor }))
      return ok(pageBody(row, limit))
    },
  })
  routes.add<RequestById>({
    method: 'GET',
    url: `${prompts}/:id`,
    schema: { params: idParams, querystring: noQuery, ...answers200('Prompt', 'One prompt') },
    handle: async ({ params }) =>
      ok(jsonOf(await store.readRow(selectPrompt(jsonForm, params.id)), 'prompt')),
  })
  routes.add<FastifyRequest<{ Body: NewPrompt }>>({
    method: 'POST',
    url: prompts,
    schema: { body: newPrompt, querystring: noQuery, ...answers201('Prompt', 'A new prompt') },
    handle: async ({ body }) => {
      const { id, now } = freshRow()
      await store.write([insertPrompt(id, body, now)])
      return created(`${prompts}/${id}`, createdPrompt(id, body, isoTime(now)))
    },
  })
  routes.add<ChangeById<Partial<PromptFields>>>({
    method: 'PATCH',
    url: `${prompts}/:id`,
    schema: {
      params: idParams,
      body: promptChange,
      querystring: noQuery,
      ...answers200('Prompt', 'Changes fields of a prompt'),
    },
    handle: async ({ params, body }) => {
      const [effect] = await store.write([updatePrompt(jsonForm, params.id, body, timestamp(Date.now()))])
      return ok(jsonOf(effect?.row, 'prompt'))
    },
  })
  routes.add<RequestById>({
    method: 'DELETE',
    url: `${prompts}/:id`,
    schema: { params: idParams, querystring: noQuery, ...answers204('Deletes a prompt') },
    handle: async ({ params }) => {
      const [, found] = await store.write(deletePrompt(params.id, timestamp(Date.now())))
      if (found?.row === undefined) throw new ApiError(404, 'NOT_FOUND', 'no such prompt')
      return noContent
    },
  })
}

/** Versions of a prompt: the tree it belongs to, and a new one. */
export function versionRoutes(routes: RouteTable, store: ApiStore): void {
  const { jsonForm } = store
  const url = `${prompts}/:id/versions`
  routes.add<PageRequestById>({
    method: 'GET',
    url,
    schema: {
      params: idParams,
      querystring: pageQuery,
      ...answers200('PromptPage', 'Versions of a prompt, newest first'),
    },
    handle: async ({ params, query }) => {
      const limit = limitOf(query)
      const row = await store.readRow(selectVersions(jsonForm, params.id, limit, query.cursor))
      return ok(pageOf(row, limit, 'prompt'))
    },
  })
  routes.add<ChangeById<Partial<PromptFields>>>({
    method: 'POST',
    url,
    schema: {
      params: idParams,
      body: newVersion,
      querystring: noQuery,
      ...answers201('Prompt', 'A new version of a prompt'),
    },
    handle: async ({ params, body }) => {
      const { id, now } = freshRow()
      const [effect] = await store.write([insertVersion(jsonForm, params.id, id, body, now)])
      return created(`${prompts}/${id}`, jsonOf(effect?.row, 'prompt'))
    },
  })
}

const createdPrompt = (id: string, prompt: NewPrompt, now: string): string =>
  exactJson({
    id,
    title: prompt.title,
    description: prompt.description ?? null,
    content: prompt.content,
    system_message: prompt.system_message ?? null,
    tags: prompt.tags ?? null,
    meta_data: prompt.meta_data ?? null,
    version: 1,
    parent_id: null,
    user_id: prompt.user_id ?? defaultUser,
    status: prompt.status ?? 'draft',
    created_at: now,
    updated_at: now,
  })
