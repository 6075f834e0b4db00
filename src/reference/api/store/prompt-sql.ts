import type { SqlValue } from '../../../target/connection.ts'
import { placeOf } from '../cursor.ts'
import { exactJson } from '../exact-json.ts'
import {
  keyColumns,
  newestFirst,
  sqlAfter,
  sqlJson,
  sqlObject,
  sqlPage,
  sqlPageOfPrompt,
} from './json-sql.ts'
import { remembered } from './remembered.ts'
import type { JsonForm, Statement } from './store.ts'

/** The columns that a list shows. */
const listed = ['title', 'tags', 'version', 'parent_id', 'user_id', 'status', 'updated_at', ...keyColumns]
/** The columns of one prompt. */
const full = [
  'id',
  'title',
  'description',
  'content',
  'system_message',
  'tags',
  'meta_data',
  'version',
  'parent_id',
  'user_id',
  'status',
  'created_at',
  'updated_at',
]

export interface PromptListQuery {
  readonly limit: number
  readonly userId: string | undefined
  readonly status: string | undefined
  readonly cursor: string | undefined
}

/**
 * Without a user, the index on `created_at` gives the order and the first rows are enough. SQLite would rather take an
 * equality on another index (`deleted_at IS NULL`, which nearly all rows have, or a status) and sort all it finds: the
 * unary plus keeps it from that. With a user these conditions stay plain, so that composite and partial indexes serve.
 */
const listSql = remembered((form: JsonForm, hasUser: boolean, hasStatus: boolean, hasCursor: boolean) => {
  const plus = hasUser ? '' : '+'
  const conditions = [
    `${plus}deleted_at IS NULL`,
    ...(hasUser ? ['user_id = ?'] : []),
    ...(hasStatus ? [`${plus}status = ?`] : []),
    ...(hasCursor ? [sqlAfter('prompts')] : []),
  ]
  const where = `FROM prompts WHERE ${conditions.join(' AND ')} ${newestFirst} LIMIT ?`
  const items = hasUser
    ? // Where rows must be sorted, the sorter takes their numbers alone; the columns of the few that are left follow.
      `SELECT ${sqlObject(listed)} AS item FROM (SELECT rowid AS place ${where}) CROSS JOIN prompts ON prompts.rowid = place`
    : `SELECT ${sqlObject(listed)} AS item ${where}`
  return sqlPage(form, items)
})

/** A page of prompts, newest first. */
export function selectPrompts(form: JsonForm, { limit, userId, status, cursor }: PromptListQuery): Statement {
  const place = cursor === undefined ? undefined : placeOf(cursor)
  const args: SqlValue[] = []
  if (userId !== undefined) args.push(userId)
  if (status !== undefined) args.push(status)
  if (place !== undefined) args.push(place.createdAt, place.id)
  args.push(BigInt(limit))
  return { sql: listSql(form, userId !== undefined, status !== undefined, place !== undefined), args }
}

const oneSql = remembered(
  (form: JsonForm) =>
    `SELECT ${sqlJson(form, sqlObject(full))} FROM prompts WHERE id = ? AND deleted_at IS NULL`,
)

/** One prompt as JSON; no row for one that is unknown or deleted. */
export const selectPrompt = (form: JsonForm, id: string): Statement => ({ sql: oneSql(form), args: [id] })

/** What a client may say of a prompt. */
export interface PromptFields {
  readonly title: string
  readonly description?: string | null
  readonly content: string
  readonly system_message?: string | null
  readonly tags?: readonly string[] | null
  readonly meta_data?: Readonly<Record<string, unknown>> | null
  readonly status?: string
}

export interface NewPrompt extends PromptFields {
  /** `defaultUser` where it is not said. */
  readonly user_id?: string
}

/** Whose prompt it is when the client does not say. */
export const defaultUser = 'anonymous'

const editable = ['title', 'description', 'content', 'system_message', 'tags', 'meta_data', 'status'] as const

const stored = (value: unknown): SqlValue => {
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? value : exactJson(value)
}

const insert = `INSERT INTO prompts (id, title, description, content, system_message, tags, meta_data, status, version, parent_id, user_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, NULL, ?, ?, ?)`

export const insertPrompt = (id: string, prompt: NewPrompt, now: string): Statement => ({
  sql: insert,
  args: [
    id,
    prompt.title,
    prompt.description ?? null,
    prompt.content,
    prompt.system_message ?? null,
    stored(prompt.tags),
    stored(prompt.meta_data),
    prompt.status ?? 'draft',
    prompt.user_id ?? defaultUser,
    now,
    now,
  ],
})

const updateSql = remembered((form: JsonForm, ...changed: readonly string[]) => {
  const assignments = [...changed, 'updated_at'].map((field) => `${field} = ?`).join(', ')
  return `UPDATE prompts SET ${assignments} WHERE id = ? AND deleted_at IS NULL RETURNING ${sqlJson(form, sqlObject(full))}`
})

/** Changes the fields that are there and returns the whole prompt; no row for one that is unknown or deleted. */
export function updatePrompt(
  form: JsonForm,
  id: string,
  change: Partial<PromptFields>,
  now: string,
): Statement {
  const changed = editable.filter((field) => change[field] !== undefined)
  const args = [...changed.map((field) => stored(change[field])), now, id]
  return { sql: updateSql(form, ...changed), args, returns: true }
}

/** Marks a prompt as deleted, once; and finds out whether there is one at all. */
export const deletePrompt = (id: string, now: string): readonly Statement[] => [
  {
    sql: 'UPDATE prompts SET deleted_at = ?, updated_at = ? WHERE id = ? AND deleted_at IS NULL',
    args: [now, now, id],
  },
  { sql: 'SELECT 1 FROM prompts WHERE id = ?', args: [id], returns: true },
]

const versionSql = remembered((form: JsonForm, ...given: readonly string[]) => {
  const values = editable.map((field) => (given.includes(field) ? '?' : field)).join(', ')
  return `INSERT INTO prompts (id, ${editable.join(', ')}, version, parent_id, user_id, created_at, updated_at)
SELECT ?, ${values}, version + 1, id, user_id, ?, ? FROM prompts WHERE id = ? AND deleted_at IS NULL
RETURNING ${sqlJson(form, sqlObject(full))}`
})

/**
 * A new version of a prompt: a row of its own that takes from its parent what is not said anew. Returns it whole; no row
 * when the parent is unknown or deleted.
 */
export function insertVersion(
  form: JsonForm,
  parentId: string,
  id: string,
  change: Partial<PromptFields>,
  now: string,
): Statement {
  const given = editable.filter((field) => change[field] !== undefined)
  const args = [id, ...given.map((field) => stored(change[field])), now, now, parentId]
  return { sql: versionSql(form, ...given), args, returns: true }
}

const versionsSql = remembered((form: JsonForm, hasCursor: boolean) => {
  const items = `WITH RECURSIVE
  ancestor (id, parent_id) AS (
    SELECT id, parent_id FROM prompts WHERE id = ?
    UNION SELECT prompts.id, prompts.parent_id FROM ancestor CROSS JOIN prompts ON prompts.id = ancestor.parent_id
  ),
  version (id) AS (
    SELECT id FROM ancestor WHERE parent_id IS NULL
    UNION SELECT prompts.id FROM version CROSS JOIN prompts ON prompts.parent_id = version.id
  )
SELECT ${sqlObject(listed)} AS item FROM prompts
WHERE id IN (SELECT id FROM version) AND deleted_at IS NULL${hasCursor ? ` AND ${sqlAfter('prompts')}` : ''} ${newestFirst} LIMIT ?`
  return sqlPageOfPrompt(form, items)
})

/**
 * A page of the versions of a prompt, newest first: the tree that it belongs to, found from its root. No row when the
 * prompt is unknown or deleted.
 */
export function selectVersions(
  form: JsonForm,
  id: string,
  limit: number,
  cursor: string | undefined,
): Statement {
  const place = cursor === undefined ? [] : Object.values(placeOf(cursor))
  return { sql: versionsSql(form, cursor !== undefined), args: [id, ...place, BigInt(limit), id] }
}
