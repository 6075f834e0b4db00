import type { Row } from '../../target/connection.ts'
import { ApiError } from './api-error.ts'
import { pageBody } from './store/json-sql.ts'

/** What a handler answers: JSON as text or bytes, or nothing. */
export interface Answer {
  readonly status: number
  readonly body: string | Uint8Array | null
  /** Path of what was created. */
  readonly location?: string
  /** JSON unless said otherwise. */
  readonly type?: string
}

export const jsonType = 'application/json; charset=utf-8'

export const ok = (body: string | Uint8Array): Answer => ({ status: 200, body })

export const created = (location: string, body: string | Uint8Array): Answer => ({
  status: 201,
  body,
  location,
})

export const noContent: Answer = { status: 204, body: null }

const missing = (what: string): ApiError =>
  new ApiError(404, 'NOT_FOUND', `no such ${what}, or it is deleted`)

/** The one JSON value of a row, or 404 where there is no row. */
export function jsonOf(row: Row | undefined, what: string): string | Uint8Array {
  if (row === undefined) throw missing(what)
  return row[0] as string | Uint8Array
}

/** A page of what belongs to something, or 404 where there is no row because that is not there. */
export function pageOf(row: Row | undefined, limit: number, owner: string): string | Uint8Array {
  if (row === undefined) throw missing(owner)
  return pageBody(row, limit)
}
