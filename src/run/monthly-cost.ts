import { marginalCost, noUsage, planBill, rowsPerMonth, sumOfUsages, type Usage } from '../cost/bill.ts'
import type { FemtoUsd } from '../cost/money.ts'
import { pricedPlan } from '../cost/price-table.ts'
import { quantile, sortNumbers } from '../stats/quantile.ts'
import type { ScenarioCost, ScenarioRun } from './run.ts'

/** What a month of one operation on one variant uses, and what that costs. */
export interface OperationCost {
  readonly operation: string
  readonly variant: string
  readonly perCall: RowsPerCall
  /** Undefined for an operation without calls. */
  readonly month: { readonly calls: number; readonly usage: Usage; readonly marginal: FemtoUsd } | undefined
}

/** Rows of a call, on average; of a read with the least and the most of the arguments counted. */
export interface RowsPerCall {
  readonly rowsRead: number
  readonly rowsWritten: number
  /** Of rows read; null for a write, of which one transaction is counted. */
  readonly range: { readonly least: number; readonly most: number } | null
  /** Median of what the server says it took, in milliseconds. */
  readonly serverMs: number
}

/** What a month of a variant uses, and its bills. */
export interface VariantCost {
  readonly variant: string
  readonly operations: readonly OperationCost[]
  /** Rows of all operations that have calls, and the bytes of the file. */
  readonly usage: Usage
  /** At the prices beyond the included amounts. */
  readonly marginal: FemtoUsd
  /** By plan, when this is all that the account does; undefined where the table lacks a price. */
  readonly bills: readonly { readonly plan: string; readonly bill: FemtoUsd | undefined }[]
  /** Operations that are counted and have no calls, so that no bill holds them. */
  readonly withoutCalls: readonly string[]
}

/** The cost of every variant whose rows were counted, from a Run alone; none where it was not asked for. */
export const variantCosts = (scenario: ScenarioRun): readonly VariantCost[] =>
  scenario.cost === undefined ? [] : scenario.variants.flatMap(({ id }) => variantCost(scenario, id) ?? [])

/** The cost of a variant; undefined where its rows were not counted. */
export function variantCost(scenario: ScenarioRun, id: string): VariantCost | undefined {
  const { cost } = scenario
  const variant = scenario.variants.find((each) => each.id === id)
  if (cost === undefined || variant === undefined) return undefined
  const operations = cost.counted.filter((each) => each.variant === id)
  if (operations.length === 0) return undefined
  const costs = operations.map((counted) => operationCost(scenario, cost, counted))
  const usage = sumOfUsages([
    ...costs.flatMap(({ month }) => (month === undefined ? [] : [month.usage])),
    { ...noUsage, bytes: BigInt(variant.fileBytes) },
  ])
  return {
    variant: id,
    operations: costs,
    usage,
    marginal: marginalCost(usage, pricedPlan(cost.prices, cost.plan)),
    bills: cost.prices.plans.map((plan) => ({ plan: plan.name, bill: planBill(usage, plan) })),
    withoutCalls: costs.filter(({ month }) => month === undefined).map(({ operation }) => operation),
  }
}

function operationCost(
  { operations }: ScenarioRun,
  { calls, prices, plan }: ScenarioCost,
  { operation, variant, rowsRead, rowsWritten, serverMs }: ScenarioCost['counted'][number],
): OperationCost {
  const { kind, statementsPerSample } = operations.find(({ id }) => id === operation) ?? {
    kind: 'read',
    statementsPerSample: 1,
  }
  const callsPerMonth = calls.find((each) => each.operation === operation)?.callsPerMonth
  const perMonth = (rows: readonly number[], monthly: number): bigint =>
    rowsPerMonth(rows, statementsPerSample, monthly)
  const usage: Usage | undefined =
    callsPerMonth === undefined
      ? undefined
      : {
          rowsRead: perMonth(rowsRead, callsPerMonth),
          rowsWritten: perMonth(rowsWritten, callsPerMonth),
          bytes: 0n,
        }
  return {
    operation,
    variant,
    perCall: {
      rowsRead: meanOf(rowsRead) * statementsPerSample,
      rowsWritten: meanOf(rowsWritten) * statementsPerSample,
      range: kind === 'read' ? { least: Math.min(...rowsRead), most: Math.max(...rowsRead) } : null,
      serverMs: quantile(sortNumbers(serverMs), 0.5) * statementsPerSample,
    },
    month:
      usage === undefined || callsPerMonth === undefined
        ? undefined
        : { calls: callsPerMonth, usage, marginal: marginalCost(usage, pricedPlan(prices, plan)) },
  }
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
