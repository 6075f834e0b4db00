import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { ApiError } from './api-error.ts'
import { needsExactness, parseExactly } from './exact-json.ts'

/** Arrays and objects within each other that SQLite's JSON functions read (`JSON_MAX_DEPTH`). */
export const depthLimit = 1_000

/**
 * Makes the API take JSON bodies that come back as they were sent: valid UTF-8 without lone surrogates, nested as deep as
 * SQLite reads, integers of any size exact. Everything else is refused with 400.
 */
export function takeJsonBodies(api: FastifyInstance): void {
  api.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
      throw new ApiError(415, 'UNSUPPORTED_MEDIA_TYPE', 'send the body without content-encoding')
    }
    done(null, jsonOf(textOf(bytes)))
  })
}

/** @throws ApiError 400 */
function jsonOf(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text)
    // Parsed twice where it matters, because the exact parser takes eight times as long.
    return needsExactness(text) ? parseExactly(text) : body
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw invalid(text === '' ? 'the body is empty; it must be JSON' : 'the body is not valid JSON')
  }
}

/** @throws ApiError 400 */
function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw invalid('the body is not valid UTF-8')
  const text = bytes.toString('utf8', hasByteOrderMark(bytes) ? 3 : 0)
  if (isDeeperThan(text, depthLimit)) {
    throw invalid(`the body nests arrays and objects deeper than ${depthLimit} levels`)
  }
  if (hasLoneSurrogate(text))
    throw invalid('a text in the body has half of a surrogate pair (\\ud800 to \\udfff)')
  return text
}

const hasByteOrderMark = (bytes: Buffer): boolean =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf

const invalid = (message: string): ApiError => new ApiError(400, 'INVALID_BODY', message)

/** Looks at brackets outside of strings; whether the text is JSON at all is left to the parser. */
function isDeeperThan(text: string, limit: number): boolean {
  // Each level takes two brackets: nearly all bodies are too short to be looked at.
  if (text.length <= 2 * limit) return false
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"') at = endOfString(text, at)
    else if (character === '[' || character === '{') depth += 1
    else if (character === ']' || character === '}') depth -= 1
    if (depth > limit) return true
  }
  return false
}

/** Where the string that begins at `start` ends: at its closing quote, or with the text. */
function endOfString(text: string, start: number): number {
  let end = start
  for (;;) {
    end = text.indexOf('"', end + 1)
    if (end === -1) return text.length
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes += 1
    if (backslashes % 2 === 0) return end
  }
}

const surrogateEscape = /\\u[dD][89a-fA-F]/
/** An escaped pair, a lone half of one, or any other escape. */
const escape = /\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F])|[^])/g

function hasLoneSurrogate(text: string): boolean {
  if (!surrogateEscape.test(text)) return false
  for (const [, lone] of text.matchAll(escape)) if (lone !== undefined) return true
  return false
}
