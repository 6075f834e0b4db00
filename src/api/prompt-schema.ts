/** JSON Schemas of what clients send about prompts. Values are never coerced and unknown fields are refused. */
const text = (least: number, most: number) => ({ type: 'string', minLength: least, maxLength: most })
const optional = (schema: object) => ({ ...schema, nullable: true })

export const statuses = ['draft', 'active', 'archived']
export const id = text(1, 36)
/** A whole number from 1 to 100, as text, because a query string holds nothing else. */
export const limit = { type: 'string', pattern: '^(?:[1-9][0-9]?|100)$' }
export const cursor = text(1, 400)

const promptFields = {
  title: text(1, 255),
  description: optional(text(0, 10_000)),
  content: text(1, 500_000),
  system_message: optional(text(0, 100_000)),
  tags: optional({ type: 'array', maxItems: 50, items: text(1, 50) }),
  meta_data: optional({ type: 'object' }),
  status: { type: 'string', enum: statuses },
}

export const promptListQuery = {
  type: 'object',
  additionalProperties: false,
  properties: { limit, user_id: text(1, 255), status: { type: 'string', enum: statuses }, cursor },
}

export const promptBody = {
  type: 'object',
  additionalProperties: false,
  required: ['title', 'content', 'user_id'],
  properties: { ...promptFields, user_id: text(1, 255) },
}

export const promptPatch = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: promptFields,
}

export const idParams = { type: 'object', properties: { id } }
