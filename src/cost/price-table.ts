import { z } from 'zod'
import { UsageError } from '../core/errors.ts'
import { knownFieldsOf, objectOf, text, type FieldsOf } from '../core/fields.ts'
import { hasSixDecimals } from './money.ts'

const usd = z
  .number()
  .min(0, 'must be 0 or more')
  .max(1e9, 'must be at most 1e9')
  .refine(hasSixDecimals, 'must have six decimals at most')
const price = usd.nullable()
const included = z.number().int().min(0, 'must be 0 or more').max(Number.MAX_SAFE_INTEGER)

const planFields = {
  /** As `--plan` names it. */
  name: text,
  /** Fee of the plan. */
  usdPerMonth: usd,
  /** Rows read a month that the fee includes. */
  includedRowsRead: included,
  /** Rows written a month that the fee includes. */
  includedRowsWritten: included,
  /** Bytes stored that the fee includes. */
  includedBytes: included,
  /** Price of a billion rows read beyond those included; null where the source does not say. */
  usdPerBillionRowsRead: price,
  /** Price of a million rows written beyond those included; null where the source does not say. */
  usdPerMillionRowsWritten: price,
  /** Price a month of a GB (10^9 bytes) beyond those included; null where the source does not say. */
  usdPerGb: price,
}
/** A plan of a provider: its fee, what that includes, and what more of it costs. */
export interface PricePlan extends FieldsOf<typeof planFields> {}
const planSchema: z.ZodType<PricePlan> = objectOf(planFields)

const plansOf = (schema: z.ZodType<PricePlan>) =>
  z
    .array(schema)
    .min(1, 'must hold at least one plan')
    .refine((plans) => new Set(plans.map(({ name }) => name)).size === plans.length, 'names must be unique')

const tableFields = {
  /** Whose prices they are. */
  provider: text,
  /** The day that the source was written or read. */
  date: z.iso.date('must be a date, such as 2026-06-12'),
  /** Where they stand: a URL or a document. */
  source: text,
  /** What a reader must know of them, such as who copied them. */
  note: text.optional(),
  /** The plan whose prices beyond the included amounts are taken, unless `--plan` names another. */
  plan: text,
  /** Every plan, in the order of the report. */
  plans: plansOf(planSchema),
}
/** A price table: `prices/turso.json`, or your own with `--prices`. */
export interface PriceTable extends FieldsOf<typeof tableFields> {}

/** A price table as users write it. */
export const priceTableSchema: z.ZodType<PriceTable> = objectOf(tableFields)

/** A price table in a Run, which a later version may have written. */
export const storedPriceTable: z.ZodType<PriceTable> = knownFieldsOf({
  ...tableFields,
  plans: plansOf(knownFieldsOf(planFields)),
})

/** A plan with a price for everything: what rows and bytes cost beyond the included amounts. */
export interface PricedPlan extends PricePlan {
  readonly usdPerBillionRowsRead: number
  readonly usdPerMillionRowsWritten: number
  readonly usdPerGb: number
}

/**
 * The plan that a price table or `--plan` names, with all of its prices.
 * @throws UsageError PLAN_UNKNOWN, or PLAN_WITHOUT_PRICE where the table does not know one of its prices
 */
export function pricedPlan({ plans, provider }: PriceTable, name: string): PricedPlan {
  const plan =
    plans.find((each) => each.name === name) ??
    plans.find((each) => each.name.toLowerCase() === name.toLowerCase())
  const names = (of: readonly PricePlan[]): string => of.map((each) => each.name).join(', ')
  if (plan === undefined) {
    throw new UsageError(
      'PLAN_UNKNOWN',
      `${provider} has no plan ${name} in this price table; it has ${names(plans)}`,
    )
  }
  if (isPriced(plan)) return plan
  throw new UsageError(
    'PLAN_WITHOUT_PRICE',
    `the price table does not say what ${provider} ${plan.name} costs beyond what it includes; take the prices of another plan (${names(plans.filter(isPriced)) || 'none has them'}) with --plan, or write them into a table of your own: --prices`,
  )
}

export const isPriced = (plan: PricePlan): plan is PricedPlan =>
  plan.usdPerBillionRowsRead !== null && plan.usdPerMillionRowsWritten !== null && plan.usdPerGb !== null
