import { femtoUsd, type FemtoUsd } from './money.ts'
import type { PricedPlan, PricePlan } from './price-table.ts'

/** What is billed in a month. */
export interface Usage {
  readonly rowsRead: bigint
  readonly rowsWritten: bigint
  readonly bytes: bigint
}

export const noUsage: Usage = { rowsRead: 0n, rowsWritten: 0n, bytes: 0n }

export const sumOfUsages = (usages: readonly Usage[]): Usage =>
  usages.reduce(
    (sum, { rowsRead, rowsWritten, bytes }) => ({
      rowsRead: sum.rowsRead + rowsRead,
      rowsWritten: sum.rowsWritten + rowsWritten,
      bytes: sum.bytes + bytes,
    }),
    noUsage,
  )

/**
 * Rows a month of an operation: the mean over the executions counted, times `executionsPerCall` and `callsPerMonth`,
 * to the nearest row.
 * @param rows of each execution that was counted, one at least
 */
export function rowsPerMonth(
  rows: readonly number[],
  executionsPerCall: number,
  callsPerMonth: number,
): bigint {
  const sum = BigInt(rows.reduce((total, each) => total + each, 0))
  const executions = BigInt(rows.length)
  return (2n * sum * BigInt(executionsPerCall) * BigInt(callsPerMonth) + executions) / (2n * executions)
}

type Prices = Pick<PricedPlan, 'usdPerBillionRowsRead' | 'usdPerMillionRowsWritten' | 'usdPerGb'>

/** What a usage costs where the included amounts are used up already: its price to an account that has other work. */
export const marginalCost = (
  { rowsRead, rowsWritten, bytes }: Usage,
  { usdPerBillionRowsRead, usdPerMillionRowsWritten, usdPerGb }: Prices,
): FemtoUsd =>
  priceOf(rowsRead, usdPerBillionRowsRead, billion) +
  priceOf(rowsWritten, usdPerMillionRowsWritten, million) +
  priceOf(bytes, usdPerGb, billion)

/**
 * What a plan costs in a month in which this usage is all there is: its fee, and what lies beyond the included amounts.
 * Undefined where the table has no price for what lies beyond.
 */
export function planBill(usage: Usage, plan: PricePlan): FemtoUsd | undefined {
  const beyond: readonly (readonly [bigint, number | null, bigint])[] = [
    [over(usage.rowsRead, plan.includedRowsRead), plan.usdPerBillionRowsRead, billion],
    [over(usage.rowsWritten, plan.includedRowsWritten), plan.usdPerMillionRowsWritten, million],
    [over(usage.bytes, plan.includedBytes), plan.usdPerGb, billion],
  ]
  let bill = femtoUsd(plan.usdPerMonth)
  for (const [amount, usd, per] of beyond) {
    if (amount === 0n) continue
    if (usd === null) return undefined
    bill += priceOf(amount, usd, per)
  }
  return bill
}

const billion = 10n ** 9n
const million = 10n ** 6n

/** Exact: a price of six decimals in femtodollars is a multiple of a billion. */
const priceOf = (amount: bigint, usd: number, per: bigint): FemtoUsd => amount * (femtoUsd(usd) / per)

function over(amount: bigint, included: number): bigint {
  const beyond = amount - BigInt(included)
  return beyond > 0n ? beyond : 0n
}
