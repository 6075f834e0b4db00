import { ApiError } from './api-error.ts'

/** The place after which a page starts: the last row of the page before. */
export interface Place {
  /** As it is stored. */
  readonly createdAt: string
  readonly id: string
}

const separator = '\n'

/** An opaque text for a place. */
export const cursorOf = ({ createdAt, id }: Place): string =>
  Buffer.from(`${createdAt}${separator}${id}`, 'utf8').toString('base64url')

/** @throws ApiError 400 for anything that `cursorOf` did not make */
export function placeOf(cursor: string): Place {
  const [createdAt = '', id = '', ...rest] = Buffer.from(cursor, 'base64url')
    .toString('utf8')
    .split(separator)
  if (createdAt === '' || id === '' || rest.length > 0 || cursorOf({ createdAt, id }) !== cursor) {
    throw new ApiError(
      400,
      'INVALID_CURSOR',
      'cursor is not one that this API gave; leave it out to start anew',
    )
  }
  return { createdAt, id }
}
