import { formatNs } from '../../core/number-format.ts'
import type { LoadCheck } from '../../run/load/load-verdict.ts'
import type { Doubt } from './load-doubt.ts'

/** A check, with what a doubtful one may have done to the latencies. */
export interface JudgedCheck extends LoadCheck {
  readonly doubt?: Doubt
}

interface Finding extends Pick<LoadCheck, 'measured' | 'limit' | 'reason'> {
  readonly isOk: boolean
}

interface LimitedTime {
  readonly foundNs: number
  readonly limitNs: number
  readonly measured?: string
  readonly reason: string
}

/** A question that has an answer. With a doubt, a wrong answer has bounds: see `LoadCheck`. */
export function check(name: string, { isOk, ...finding }: Finding, doubt?: Doubt): JudgedCheck {
  if (isOk) return { name, status: 'ok', ...finding, reason: '' }
  return doubt === undefined
    ? { name, status: 'invalid', ...finding }
    : { name, status: 'doubtful', ...finding, doubt }
}

/** Whether a time is within its limit. */
export const checkNs = (
  name: string,
  { foundNs, limitNs, reason, measured = formatNs(foundNs) }: LimitedTime,
  doubt: Doubt,
): JudgedCheck =>
  check(name, { isOk: foundNs <= limitNs, measured, limit: `≤ ${formatNs(limitNs)}`, reason }, doubt)

/** A question that this tool or target leaves open, and why. */
export const unknownCheck = (name: string, measured: string, limit: string): JudgedCheck => ({
  name,
  status: 'unknown',
  measured,
  limit,
  reason: '',
})
