import type { FastifyInstance } from 'fastify'
import { notFound } from './api-error.ts'
import { newId } from './new-id.ts'
import { idParams, promptBody, promptListQuery } from './prompt-schema.ts'
import { insertPrompt, pageBody, selectPrompt, selectPrompts, type PromptInput } from './prompt-sql.ts'
import type { ApiStore } from './store.ts'
import { isoTime, timestamp } from './timestamp.ts'

interface ListQuery {
  readonly limit?: string
  readonly user_id?: string
  readonly status?: string
  readonly cursor?: string
}

const jsonType = 'application/json; charset=utf-8'
const defaultLimit = 20

/** `/api/v1/prompts` and below. */
export function promptRoutes(api: FastifyInstance, store: ApiStore): void {
  api.get<{ Querystring: ListQuery }>(
    '/api/v1/prompts',
    { schema: { querystring: promptListQuery } },
    async (request, reply) => {
      const { limit: limitText, user_id: userId, status, cursor } = request.query
      const limit = limitText === undefined ? defaultLimit : Number(limitText)
      const { sql, args } = selectPrompts({ limit, userId, status, cursor })
      const row = await store.readRow(sql, args)
      return reply.header('content-type', jsonType).send(pageBody(row, limit))
    },
  )

  api.get<{ Params: { id: string } }>(
    '/api/v1/prompts/:id',
    { schema: { params: idParams } },
    async (request, reply) => {
      const { sql, args } = selectPrompt(request.params.id)
      const row = await store.readRow(sql, args)
      if (row === undefined) throw notFound('prompt')
      return reply.header('content-type', jsonType).send(row[0])
    },
  )

  api.post<{ Body: PromptInput }>(
    '/api/v1/prompts',
    { schema: { body: promptBody } },
    async (request, reply) => {
      const nowMs = Date.now()
      const id = newId(nowMs)
      const now = timestamp(nowMs)
      await store.write([insertPrompt(id, request.body, now)])
      return reply
        .code(201)
        .header('location', `/api/v1/prompts/${id}`)
        .header('content-type', jsonType)
        .send(createdBody(id, request.body, isoTime(now)))
    },
  )
}

const createdBody = (id: string, prompt: PromptInput, now: string): string =>
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
