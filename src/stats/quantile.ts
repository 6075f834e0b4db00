import { quantileSorted } from 'simple-statistics'

declare const sorted: unique symbol
/** Ascending numbers: a quantile cannot be taken of anything else. */
export type SortedNumbers = readonly number[] & { readonly [sorted]: true }

/** A sorted copy. */
export function sortNumbers(values: Iterable<number>): SortedNumbers {
  return Array.from(Float64Array.from(values).sort()) as unknown as SortedNumbers
}

/**
 * Quantile of type 7 (linear interpolation between order statistics, Hyndman & Fan 1996), 0 ≤ p ≤ 1.
 * @throws RangeError for no values or p outside its range
 */
export function quantile(values: SortedNumbers, p: number): number {
  if (values.length === 0) throw new RangeError('no quantile of nothing')
  if (!(p >= 0 && p <= 1)) throw new RangeError(`a quantile needs a probability, not ${p}`)
  return quantileSorted(values as unknown as number[], p)
}
