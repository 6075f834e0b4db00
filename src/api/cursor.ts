import { ApiError } from './api-error.ts'

/** The place after which a page starts: the last row of the page before. */
export interface Place {
  readonly createdAt: string
  readonly id: string
}

/** Below every character that a timestamp may hold, so that joined keys sort like the pair. */
const separator = '\u0001'

/**
 * SQL for the key of the last row of a page in descending order: the least pair of `created_at` and `id`, as `readKey`
 * reads it. An aggregate, so that it comes with the page in one statement.
 */
export const sqlLastKey = `min(created_at || char(1) || id)`

/** An opaque cursor from what `sqlLastKey` gave. */
export const cursorOf = (key: string): string => Buffer.from(key, 'utf8').toString('base64url')

/** @throws ApiError 400 for anything that `cursorOf` did not make */
export function placeOf(cursor: string): Place {
  const [createdAt, id, ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split(separator)
  if (createdAt === undefined || id === undefined || createdAt === '' || id === '' || rest.length > 0) {
    throw new ApiError(
      400,
      'INVALID_CURSOR',
      'cursor is not one that this API gave; leave it out to start anew',
    )
  }
  return { createdAt, id }
}
