import type { VerdictStatus } from '../../run/verdict.ts'

/**
 * The verdict on a claim from those on its parts: one word when all parts agree; `partly` when some part is confirmed
 * or partly so; else `inconclusive`. A part without data can thus never help a claim to be confirmed or refuted.
 */
export function judgeParts(words: readonly VerdictStatus[]): VerdictStatus {
  const [first = 'not-measured'] = words
  if (words.every((word) => word === first)) return first
  return words.some((word) => word === 'confirmed' || word === 'partly') ? 'partly' : 'inconclusive'
}
