import { shareBounds } from '../../../src/stats/windowed-quantile.ts'

/** One-sided exact bounds of a probability (Clopper & Pearson 1934), each wrong with probability at most `alpha`. */
export const binomialBounds = (hits: number, trials: number, alpha: number): { low: number; high: number } =>
  trials === 0 ? { low: 0, high: 1 } : shareBounds(hits / trials, trials, 1 - 2 * alpha)

/** `99.6 %`; two decimals where there is less than 1 % on one side. */
export function formatRate(share: number): string {
  if (!Number.isFinite(share)) return '–'
  const percent = share * 100
  const decimals = percent === 0 || percent === 100 ? 0 : percent < 1 || percent > 99 ? 2 : 1
  return `${percent.toFixed(decimals)} %`
}

/** `99.6 % [99.4, 99.8]`: with the exact 95 % interval. */
export function formatRateOf(hits: number, trials: number): string {
  if (trials === 0) return '–'
  const { low, high } = binomialBounds(hits, trials, 0.025)
  const bound = (share: number): string => formatRate(share).replace(' %', '')
  return `${formatRate(hits / trials)} [${bound(low)}, ${bound(high)}]`
}

/** `0 of 103`. */
export const formatCountOf = (hits: number, trials: number): string =>
  `${hits.toLocaleString('en-US')} of ${trials.toLocaleString('en-US')}`

/** A log ratio as a change: `+10.2 %`. */
export function formatLogRatio(effect: number): string {
  const percent = (Math.exp(effect) - 1) * 100
  const text = Math.abs(percent).toFixed(1)
  return `${percent < 0 && Number(text) > 0 ? '−' : '+'}${text} %`
}
