import type { LoadCheck } from '../../run/load-verdict.ts'
import type { Doubt } from './load-doubt.ts'

/** A check, with what a doubtful one may have done to the latencies. */
export interface JudgedCheck extends LoadCheck {
  readonly doubt?: Doubt
}

interface Finding {
  readonly isOk: boolean
  readonly measured: string
  readonly limit: string
  /** Why the run is invalid or doubtful, if it is not ok. */
  readonly reason: string
}

/** A question that has an answer. With a doubt, a wrong answer has bounds: see `LoadCheck`. */
export const check = (
  name: string,
  { isOk, measured, limit, reason }: Finding,
  doubt?: Doubt,
): JudgedCheck =>
  isOk
    ? { name, status: 'ok', measured, limit, reason: '' }
    : {
        name,
        status: doubt === undefined ? 'invalid' : 'doubtful',
        measured,
        limit,
        reason,
        ...(doubt === undefined ? {} : { doubt }),
      }

/** A question that this tool or target leaves open, and why. */
export const unknownCheck = (name: string, measured: string, limit: string): JudgedCheck => ({
  name,
  status: 'unknown',
  measured,
  limit,
  reason: '',
})
