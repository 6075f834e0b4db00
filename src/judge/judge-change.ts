import type { MeasuredChange, VerdictWord } from '../run/verdict.ts'

/**
 * Judges a measured change against a claimed one. Let w be the end of the claimed range nearer to zero: whoever
 * claims −50 to −70 % has promised at least −50 %. For reductions (increases mirror them), over the whole interval:
 *
 * - **confirmed**: at least as strong as w. More than was claimed is not held against the claim.
 * - **refuted**: weaker than half of w, or in the wrong direction. Not one value that the data allow comes near.
 * - **partly**: between half of w and w: it does help, and less than was said.
 * - **inconclusive**: the interval crosses one of these borders, so the data allow two answers.
 */
export function judgeChange(
  { low, high }: MeasuredChange,
  claimed: { readonly from: number; readonly to: number },
): Exclude<VerdictWord, 'not-measured'> {
  const strongest = Math.abs(claimed.to) >= Math.abs(claimed.from) ? claimed.to : claimed.from
  const nearest = strongest === claimed.to ? claimed.from : claimed.to
  const sign = strongest < 0 ? -1 : 1
  const promise = sign * nearest
  const [weak, strong] = sign < 0 ? [-high, -low] : [low, high]
  if (weak >= promise) return 'confirmed'
  if (strong < promise / 2) return 'refuted'
  if (weak >= promise / 2 && strong < promise) return 'partly'
  return 'inconclusive'
}

/**
 * The verdict on a claim from those on its parts: one word when all parts agree; `partly` when some part is confirmed
 * or partly so; else `inconclusive`. A part without data can thus never help a claim to be confirmed or refuted.
 */
export function judgeParts(words: readonly VerdictWord[]): VerdictWord {
  const [first = 'not-measured'] = words
  if (words.every((word) => word === first)) return first
  return words.some((word) => word === 'confirmed' || word === 'partly') ? 'partly' : 'inconclusive'
}
