import type { LoadCheck } from '../run/load-verdict.ts'

interface Finding {
  readonly isOk: boolean
  readonly measured: string
  readonly limit: string
  /** Why the run must not be believed, if it is not ok. */
  readonly reason: string
}

/** A question that has an answer. */
export const check = (name: string, { isOk, measured, limit, reason }: Finding): LoadCheck => ({
  name,
  word: isOk ? 'ok' : 'invalid',
  measured,
  limit,
  reason: isOk ? '' : reason,
})

/** A question that this tool or target leaves open, and why. */
export const unknownCheck = (name: string, measured: string, limit: string): LoadCheck => ({
  name,
  word: 'unknown',
  measured,
  limit,
  reason: '',
})
