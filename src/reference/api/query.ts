import { parse } from 'node:querystring'

/** The member that a query has which is no percent-encoded UTF-8; no schema knows it, so that it is refused. */
export const malformed = '%'

/**
 * The members of a query. Escapes that stand for no UTF-8 are told apart from the text that they look like.
 */
export function parseQuery(query: string): Readonly<Record<string, unknown>> {
  return isDecodable(query) ? parse(query) : { [malformed]: '' }
}

// The router calls this where nothing catches.
function isDecodable(query: string): boolean {
  if (!query.includes('%')) return true
  try {
    decodeURIComponent(query)
    return true
  } catch {
    return false
  }
}
