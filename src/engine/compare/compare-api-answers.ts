import { InvalidMeasurementError } from '../../core/errors.ts'
import type { LoadProfile, PlannedRequest } from '../../scenario/load-profile/load-profile.ts'

/** A server that answers for a variant. */
export interface AnsweringVariant {
  readonly id: string
  readonly url: string
}

/** Sums of floating point numbers depend on the order in which an index delivers them. */
const tolerance = 1e-9

/**
 * Sends reads to every variant's server and compares the answers, value by value; returns how many were compared.
 * Writes are left out: they have new ids and times at each server.
 * @throws InvalidMeasurementError ANSWERS_DIFFER or ANSWER_UNEXPECTED
 */
export async function compareApiAnswers(
  variants: readonly AnsweringVariant[],
  requests: Iterable<PlannedRequest>,
  kinds: LoadProfile['requests'],
  signal: AbortSignal,
): Promise<number> {
  const expected = new Map(kinds.map(({ id, status }) => [id, status]))
  let compared = 0
  for (const { op, method, path } of requests) {
    if (method !== 'GET') continue
    const answers = await Promise.all(
      variants.map(async ({ id, url }) => {
        const answer = await fetch(url + path, { signal })
        return { id, status: answer.status, text: await answer.text() }
      }),
    )
    let first: unknown
    for (const [place, { id, status, text }] of answers.entries()) {
      if (status !== expected.get(op)) {
        throw new InvalidMeasurementError(
          'ANSWER_UNEXPECTED',
          `${op}: GET ${path} is answered with ${status} on ${id}, not ${expected.get(op)}; nothing was timed`,
        )
      }
      const value = JSON.parse(text) as unknown
      if (place === 0) first = value
      const difference = place === 0 ? undefined : differenceOf(first, value, '')
      if (difference === undefined) continue
      throw new InvalidMeasurementError(
        'ANSWERS_DIFFER',
        `${op}: GET ${path} is answered otherwise on ${id} than on ${variants[0]?.id} (${difference}); nothing was timed`,
      )
    }
    compared += 1
  }
  return compared
}

/** Where two JSON values differ, and how; undefined when they are equal. */
export function differenceOf(a: unknown, b: unknown, at: string): string | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const isSame = Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b))
    return isSame ? undefined : `${at || 'value'}: ${b} for ${a}`
  }
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    if (Array.isArray(a) !== Array.isArray(b)) return `${at || 'value'}: ${shown(b)} for ${shown(a)}`
    if (Array.isArray(a) && Array.isArray(b) && a.length !== b.length) {
      return `${at || 'list'}: ${b.length} items for ${a.length}`
    }
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const inside = differenceOf(
        (a as Record<string, unknown>)[key],
        (b as Record<string, unknown>)[key],
        at === '' ? key : `${at}.${key}`,
      )
      if (inside !== undefined) return inside
    }
    return undefined
  }
  return a === b ? undefined : `${at || 'value'}: ${shown(b)} for ${shown(a)}`
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 60)
