/** Three significant digits and thousands separators: 0.0512, 1.23, 45.6, 789, 12,345. */
export function formatNumber(value: number): string {
  return fixed(value, decimalsOf(value))
}

function decimalsOf(value: number): number {
  // Rounded first, because 0.9996 has the decimals of 1.00.
  const size = Number(Math.abs(value).toPrecision(3))
  if (size === 0 || size >= 100) return 0
  return Math.min(2 - Math.floor(Math.log10(size)), 6)
}

/** A real minus sign, and no «−0». */
function fixed(value: number, decimals: number): string {
  const text = Math.abs(value).toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  })
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text
}

/** Every digit of a count: 12,345. */
export const formatInteger = (count: number): string => fixed(count, 0)

/** A number that somebody chose, with no more decimals than it has: 3, 2.5, 1,000. */
export const formatDecimal = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: 2 })

/** Nanoseconds in the unit that suits them: µs below a millisecond, ms below a second, then s. */
export function formatNs(ns: number): string {
  const size = Math.abs(ns)
  if (size < 999_500) return `${formatNumber(ns / 1e3)} µs`
  if (size < 999_500_000) return `${formatNumber(ns / 1e6)} ms`
  return `${formatNumber(ns / 1e9)} s`
}

/** `3.48 ms [3.43, 3.55]`: a time and its bounds in one unit; an upper bound of `Infinity` is not known. */
export function formatNsWithin(ns: number, low: number, high: number): string {
  const [divisor, unit] =
    Math.abs(ns) < 999_500 ? [1e3, 'µs'] : Math.abs(ns) < 999_500_000 ? [1e6, 'ms'] : [1e9, 's']
  const upper = high === Infinity ? '–' : formatNumber(high / divisor)
  return `${formatNumber(ns / divisor)} ${unit} [${formatNumber(low / divisor)}, ${upper}]`
}

/** Bytes in B, kB, MB or GB of 1000. */
export function formatBytes(bytes: number): string {
  const size = Math.abs(bytes)
  if (size < 1e3) return `${formatNumber(bytes)} B`
  if (size < 999_500) return `${formatNumber(bytes / 1e3)} kB`
  if (size < 999_500_000) return `${formatNumber(bytes / 1e6)} MB`
  return `${formatNumber(bytes / 1e9)} GB`
}

/** Large counts as 12.3k, 4.56M or 7.89B, small ones in full. */
export function formatCount(count: number): string {
  if (Math.abs(count) < 9_999.5) return Number.isInteger(count) ? fixed(count, 0) : formatShortCount(count)
  if (Math.abs(count) < 999_500) return `${formatNumber(count / 1e3)}k`
  return Math.abs(count) < 999_500_000 ? `${formatNumber(count / 1e6)}M` : `${formatNumber(count / 1e9)}B`
}

const formatShortCount = (count: number): string =>
  Math.abs(count) < 100 ? formatNumber(count) : fixed(count, 0)

/** `+3.2 kB`, `−1.1 MB`, `±0`. */
export const formatDelta = (value: number, format: (value: number) => string): string =>
  value === 0 ? '±0' : `${value > 0 ? '+' : ''}${format(value)}`

interface Range {
  readonly estimate: number
  readonly low: number
  readonly high: number
}

/** `0.21× [0.19, 0.23]`: as many decimals as the estimate needs. */
export function formatRatio({ estimate, low, high }: Range): string {
  const enough = ratioDecimals(estimate)
  // A narrow interval must not look like none.
  const decimals = low !== high && fixed(low, enough) === fixed(high, enough) ? enough + 1 : enough
  return `${fixed(estimate, decimals)}× [${fixed(low, decimals)}, ${fixed(high, decimals)}]`
}

/** A level with its interval in one unit: `544 µs [531, 560]`, with the decimals that the estimate needs. */
export function formatNsInterval({ estimate, low, high }: Range): string {
  const [scale, unit] = estimate < 999_500 ? [1e3, 'µs'] : estimate < 999_500_000 ? [1e6, 'ms'] : [1e9, 's']
  const decimals = decimalsOf(estimate / scale)
  const text = (ns: number): string => fixed(ns / scale, decimals)
  return `${text(estimate)} ${unit} [${text(low)}, ${text(high)}]`
}

/** `0.21×`, an estimate without an interval. */
export const formatRatioEstimate = (ratio: number): string => `${fixed(ratio, ratioDecimals(ratio))}×`

function ratioDecimals(ratio: number): number {
  if (ratio >= 99.5) return 0
  if (ratio >= 9.95) return 1
  return ratio >= 0.0995 ? 2 : ratio >= 0.00995 ? 3 : 4
}

const percentDecimals = (estimate: number, width: number): number =>
  Math.abs(estimate) < 0.1 || width < 0.02 || (estimate < -0.95 && estimate > -1) ? 1 : 0

const signed = (share: number, decimals: number): string => {
  const text = fixed(share * 100, decimals)
  return share > 0 && /[1-9]/.test(text) ? `+${text}` : text
}

/** A relative change with its interval: `−79 % [−81, −77]`; without brackets when the interval is a point. */
export function formatChange({ estimate, low, high }: Range): string {
  const decimals = percentDecimals(estimate, high - low)
  const text = `${signed(estimate, decimals)} %`
  return low === high ? text : `${text} [${signed(low, decimals)}, ${signed(high, decimals)}]`
}

/** A single relative change: `+8.1 %`. */
export const formatShare = (share: number): string => `${signed(share, percentDecimals(share, 1))} %`

/** By how much a ratio exceeds 1: `2 %`. */
export const formatRatioPercent = (ratio: number): string => `${formatDecimal((ratio - 1) * 100)} %`

/** A claimed range: `−50 to −70 %`, or `+100 %`. */
export function formatClaimed({ from, to }: { readonly from: number; readonly to: number }): string {
  const text = (share: number): string =>
    signed(share, Number.isInteger(Math.round(share * 1e4) / 100) ? 0 : 1)
  return from === to ? `${text(from)} %` : `${text(from)} to ${text(to)} %`
}

/** Probability of coverage: `98.4 %`. */
export const formatConfidence = (confidence: number): string =>
  `${(Math.floor(confidence * 1000) / 10).toFixed(1)} %`

/** `1 round`, `7 rounds`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
