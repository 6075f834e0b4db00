import { quantile, sortNumbers } from '../../src/stats/quantile.ts'

/** Median, smallest and largest of repetitions. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** NaN of nothing. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) return { median: NaN, min: NaN, max: NaN }
  return { median: quantile(sortNumbers(values), 0.5), min: Math.min(...values), max: Math.max(...values) }
}

/** `5,012 [4,950, 5,030]`; nothing of nothing. */
export const showSpread = ({ median, min, max }: Spread, show: (value: number) => string): string =>
  Number.isNaN(median) ? '' : `${show(median)} [${show(min)}, ${show(max)}]`
