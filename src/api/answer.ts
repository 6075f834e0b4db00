import { ApiError } from './api-error.ts'

/** What a handler answers: JSON as text or bytes, or nothing. */
export interface Answer {
  readonly status: number
  readonly body: string | Uint8Array | null
  /** Path of what was created. */
  readonly location?: string
}

export const jsonType = 'application/json; charset=utf-8'

export const ok = (body: string | Uint8Array): Answer => ({ status: 200, body })

export const created = (location: string, body: string | Uint8Array): Answer => ({
  status: 201,
  body,
  location,
})

export const noContent: Answer = { status: 204, body: null }

/** The one JSON value of a row, or 404 where there is no row. */
export function jsonOf(row: readonly unknown[] | undefined, what: string): string | Uint8Array {
  if (row === undefined) throw new ApiError(404, 'NOT_FOUND', `no such ${what}, or it is deleted`)
  return row[0] as string | Uint8Array
}
