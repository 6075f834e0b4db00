import type { SqlValue } from '../target/connection.ts'
import { cursorOf, placeOf, sqlLastKey } from './cursor.ts'
import type { Statement } from './store.ts'
import { sqlIso } from './timestamp.ts'

/** The columns of a prompt that clients see; what a list shows stands first. */
const listed = [
  'id',
  'title',
  'tags',
  'version',
  'parent_id',
  'user_id',
  'status',
  'created_at',
  'updated_at',
]
const full = [
  ...listed.slice(0, 2),
  'description',
  'content',
  'system_message',
  'tags',
  'meta_data',
  ...listed.slice(3),
]

const member = (column: string): string => {
  if (column.endsWith('_at')) return `'${column}', ${sqlIso(column)}`
  if (column === 'tags' || column === 'meta_data') return `'${column}', json(${column})`
  return `'${column}', ${column}`
}

/** SQL for a JSON object of those columns. */
export const sqlObject = (columns: readonly string[]): string =>
  `json_object(${columns.map(member).join(', ')})`

export interface PromptListQuery {
  readonly limit: number
  readonly userId: string | undefined
  readonly status: string | undefined
  readonly cursor: string | undefined
}

/**
 * A page of prompts, newest first: one row of (JSON array, number of rows, key of the last one).
 *
 * `deleted_at IS NULL` holds for nearly all rows, but SQLite takes an equality on an index for selective and would fetch
 * and sort the whole table through `idx_prompts_deleted_at`. The unary plus keeps it from that where no user is named.
 * With a user it stays plain, so that a partial index `WHERE deleted_at IS NULL` can serve.
 */
export function selectPrompts({ limit, userId, status, cursor }: PromptListQuery): Statement {
  const conditions = [userId === undefined ? '+deleted_at IS NULL' : 'deleted_at IS NULL']
  const args: SqlValue[] = []
  if (userId !== undefined) {
    conditions.push('user_id = ?')
    args.push(userId)
  }
  if (status !== undefined) {
    conditions.push('status = ?')
    args.push(status)
  }
  if (cursor !== undefined) {
    const place = placeOf(cursor)
    conditions.push('(created_at, id) < (?, ?)')
    args.push(place.createdAt, place.id)
  }
  args.push(BigInt(limit))
  const page = `SELECT ${listed.join(', ')} FROM prompts WHERE ${conditions.join(' AND ')} ORDER BY created_at DESC, id DESC LIMIT ?`
  return {
    sql: `SELECT json_group_array(${sqlObject(listed)}), count(*), ${sqlLastKey} FROM (${page})`,
    args,
  }
}

/** The body of a page from the row that a list statement gave. */
export function pageBody(row: readonly SqlValue[] | undefined, limit: number): string {
  const [items = '[]', count = 0, lastKey = null] = row ?? []
  const next = Number(count) < limit || lastKey === null ? 'null' : `"${cursorOf(String(lastKey))}"`
  return `{"items":${String(items)},"next_cursor":${next}}`
}

/** A prompt as one row of its JSON; no row for one that is unknown or deleted. */
export const selectPrompt = (id: string): Statement => ({
  sql: `SELECT ${sqlObject(full)} FROM prompts WHERE id = ? AND deleted_at IS NULL`,
  args: [id],
})

/** What a client may say of a prompt. */
export interface PromptInput {
  readonly title: string
  readonly description?: string | null
  readonly content: string
  readonly system_message?: string | null
  readonly tags?: readonly string[] | null
  readonly meta_data?: Readonly<Record<string, unknown>> | null
  readonly user_id: string
  readonly status?: string
}

const json = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value)

const insert = `INSERT INTO prompts (id, title, description, content, system_message, tags, meta_data, version, parent_id, user_id, status, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, 1, NULL, ?, ?, ?, ?)`

export const insertPrompt = (id: string, prompt: PromptInput, now: string): Statement => ({
  sql: insert,
  args: [
    id,
    prompt.title,
    prompt.description ?? null,
    prompt.content,
    prompt.system_message ?? null,
    json(prompt.tags),
    json(prompt.meta_data),
    prompt.user_id,
    prompt.status ?? 'draft',
    now,
    now,
  ],
})
