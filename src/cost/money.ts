/**
 * US dollars as whole femtodollars (10^-15). Prices have at most six decimals, for a billion rows read, a million rows
 * written or a GB, so that the price of one row or byte is a whole number of them and no sum is rounded.
 */
export type FemtoUsd = bigint

const femtoOfMicro = 10n ** 9n
const femtoOfCent = 10n ** 13n
/** Numbers up to 10^9 dollars are exact to the sixth decimal. */
const microOf = (usd: number): number => Math.round(usd * 1e6)

/** Whether an amount has six decimals at most, as prices must. */
export const hasSixDecimals = (usd: number): boolean => Math.abs(usd * 1e6 - microOf(usd)) < 1e-3

/** Dollars with six decimals at most. */
export const femtoUsd = (usd: number): FemtoUsd => BigInt(microOf(usd)) * femtoOfMicro

/** Dollars, for JSON and charts; decisions and sums are made in femtodollars. */
export const usdNumber = (amount: FemtoUsd): number => Number(amount) / 1e15

/** Whole cents, half a cent up. Of a negative amount (a difference), as of its size. */
export const roundedCents = (amount: FemtoUsd): bigint =>
  amount < 0n ? -roundedCents(-amount) : (amount + femtoOfCent / 2n) / femtoOfCent

/** `$1,234.50`, `−$0.31`; below half a cent `<$0.01`, because `$0.00` would say that it is free. */
export function formatUsd(amount: FemtoUsd): string {
  if (amount < 0n) return `−${formatUsd(-amount)}`
  const cents = roundedCents(amount)
  if (cents === 0n && amount > 0n) return '<$0.01'
  const text = (cents % 100n).toString().padStart(2, '0')
  return `$${(cents / 100n).toLocaleString('en-US')}.${text}`
}

/** `+$1.20`, `−$0.31`, `±0`. */
export const formatUsdDelta = (amount: FemtoUsd): string =>
  amount === 0n ? '±0' : `${amount > 0n ? '+' : ''}${formatUsd(amount)}`
