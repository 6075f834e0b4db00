import type { VerdictStatus } from '../../run/verdict.ts'

/**
 * The verdict on a claim from those on its parts: the same when all parts agree; `partly` when some part is confirmed
 * or partly so; else `inconclusive`. A part without data can thus never help a claim to be confirmed or refuted.
 */
export function judgeParts(statuses: readonly VerdictStatus[]): VerdictStatus {
  const [first = 'not-measured'] = statuses
  if (statuses.every((status) => status === first)) return first
  return statuses.some((status) => status === 'confirmed' || status === 'partly') ? 'partly' : 'inconclusive'
}
