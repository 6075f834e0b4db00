import { ApiError } from './api-error.ts'

/** The place after which a page starts: the last row of the page before. */
export interface Place {
  /** As it is stored. */
  readonly createdAt: string
  readonly id: string
}

const byte = '[89ab][0-9a-f]'
/** Hexadecimal digits of one character in UTF-8, as in the syntax of RFC 3629, section 4. */
const character = [
  '[0-7][0-9a-f]',
  `(?:c[2-9a-f]|d[0-9a-f])${byte}`,
  `(?:e0[ab][0-9a-f]|ed[89][0-9a-f]|e[1-9abcef]${byte})${byte}`,
  `(?:f0[9ab][0-9a-f]|f[1-3]${byte}|f48[0-9a-f])${byte}${byte}`,
].join('|')

/**
 * What a cursor looks like. Every text that does is a place, so that the schema of a request says all that is wrong with
 * one.
 */
export const cursorPattern = `^(?:${character})+-(?:${character})+$`

const isCursor = new RegExp(cursorPattern)
const hex = (text: string): string => Buffer.from(text, 'utf8').toString('hex')
const textOf = (digits: string): string => Buffer.from(digits, 'hex').toString('utf8')

/** An opaque text for a place, which needs no escapes in a URL. */
export const cursorOf = ({ createdAt, id }: Place): string => `${hex(createdAt)}-${hex(id)}`

/** @throws ApiError 400 for anything that `cursorOf` cannot have made */
export function placeOf(cursor: string): Place {
  if (!isCursor.test(cursor)) throw invalidCursor()
  const [createdAt = '', id = ''] = cursor.split('-')
  return { createdAt: textOf(createdAt), id: textOf(id) }
}

export const invalidCursor = (): ApiError =>
  new ApiError(400, 'INVALID_CURSOR', 'cursor is not one that this API gave; leave it out to start anew')
