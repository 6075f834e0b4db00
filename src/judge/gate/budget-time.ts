import { formatDecimal, formatInteger, formatNs } from '../../core/number-format.ts'
import type { GateUnit, GateStatus } from '../../run/gate/gate-verdict.ts'
import type { Timing } from '../../run/run.ts'
import { sampleCount, sampledRounds } from '../../run/timed-rounds.ts'
import { budgetAlpha } from '../../stats/budget-alpha.ts'
import { fewestSamples } from '../../stats/levelled-round.ts'
import { levelBounds, roundLogs, type RoundLevel } from '../../stats/over-rounds.ts'
import type { SampledRound } from '../../stats/sampled-slice.ts'
import { invalid, type BudgetJudgement } from './budget-counters.ts'

type TimeMetric = 'p95Us' | 'opsPerSec'

/**
 * A level over rounds against its limit: **pass** when the bound on the far side keeps it, **fail** when the bound on
 * the near side breaks it, else **inconclusive**. The far bound errs with `budgetAlpha` at most, the near one with
 * `failAlpha`, which budgets of one gate share.
 */
export function judgeTime(
  timing: Timing | undefined,
  metric: TimeMetric,
  limit: number,
  failAlpha: number,
): BudgetJudgement {
  const unit = metric === 'p95Us' ? 'ns' : 'per second'
  const scaled = metric === 'p95Us' ? limit * 1000 : limit
  const named = { metric, limit: `${metric === 'p95Us' ? '≤' : '≥'} ${quantity(scaled, unit)}` }
  if (timing === undefined || timing.rounds.length === 0)
    return invalid(named, 'it was not timed in this Run')
  const sampled = sampledRounds(timing)
  const few = tooFewSamples(sampled, metric)
  if (few !== undefined) return invalid(named, few)
  const pass = boundsOf(sampled, metric, budgetAlpha)
  const fail = boundsOf(sampled, metric, failAlpha)
  if (pass === undefined || fail === undefined || pass.alpha === 0) {
    const needed = Math.ceil(Math.log2(1 / budgetAlpha))
    return invalid(
      named,
      `${sampled.length} rounds have no bounds at ${percent(budgetAlpha)}, which need ${needed}`,
    )
  }
  const [low, high] = metric === 'p95Us' ? [fail.low, pass.high] : [pass.low, fail.high]
  const status =
    metric === 'p95Us' ? statusOf(high <= scaled, low > scaled) : statusOf(low >= scaled, high < scaled)
  return {
    ...named,
    status,
    // Without a bound that could fail it, the one of the larger error is the most that is known.
    measured: {
      value: pass.estimate,
      low: low > 0 ? low : pass.low,
      high: Number.isFinite(high) ? high : pass.high,
      unit,
    },
    reason: reasonOf(metric, status, { level: pass.estimate, limit: scaled, low, high }, failAlpha),
    rounds: pass.rounds,
    samples: sampleCount(timing),
  }
}

const statusOf = (keeps: boolean, breaks: boolean): GateStatus =>
  keeps ? 'pass' : breaks ? 'fail' : 'inconclusive'

const quantityOf = (metric: TimeMetric) => (metric === 'p95Us' ? 'p95' : 'mean')

/** Nanoseconds, or samples a second: the inverse of the mean time. */
function boundsOf(
  rounds: readonly SampledRound[],
  metric: TimeMetric,
  alpha: number,
): RoundLevel | undefined {
  const level = levelBounds(rounds, quantityOf(metric), alpha)
  if (level === undefined || metric === 'p95Us') return level
  const { estimate, low, high } = level
  return { ...level, estimate: 1e9 / estimate, low: 1e9 / high, high: 1e9 / low }
}

function tooFewSamples(rounds: readonly SampledRound[], metric: TimeMetric): string | undefined {
  const quantity = quantityOf(metric)
  const known = roundLogs(rounds, quantity)
  const poor = rounds.find(({ round }) => !known.has(round))
  if (poor === undefined) return undefined
  const samples = poor.slices.reduce((sum, { sortedNs }) => sum + sortedNs.length, 0)
  const what = metric === 'p95Us' ? 'a 95th percentile' : 'a mean'
  return `round ${poor.round} has ${formatInteger(samples)} samples, and ${what} needs ${fewestSamples[quantity]}: give it more time with --operation-ms`
}

function reasonOf(
  metric: TimeMetric,
  status: GateStatus,
  found: { readonly level: number; readonly limit: number; readonly low: number; readonly high: number },
  failAlpha: number,
): string {
  const unit = metric === 'p95Us' ? 'ns' : 'per second'
  const text = (value: number): string => quantity(value, unit)
  const [far, near] = metric === 'p95Us' ? [found.high, found.low] : [found.low, found.high]
  const [keeping, breaking] = metric === 'p95Us' ? ['upper', 'lower'] : ['lower', 'upper']
  const head = `${metric} ${text(found.level)}`
  const tail = `limit ${text(found.limit)}`
  if (status === 'pass') {
    return `${head}, ${keeping} bound ${text(far)} (error ≤ ${percent(budgetAlpha)}), ${tail}`
  }
  if (status === 'fail') {
    return `${head}, ${breaking} bound ${text(near)} (error ≤ ${percent(failAlpha)}), ${tail}`
  }
  return `${head} [${text(found.low)}, ${text(found.high)}] does not show whether it keeps its ${tail} (errors ≤ ${percent(budgetAlpha)})`
}

const percent = (share: number): string => `${formatDecimal(share * 100)} %`

const quantity = (value: number, unit: GateUnit): string => {
  if (!Number.isFinite(value)) return 'any'
  return unit === 'ns' ? formatNs(value) : `${formatDecimal(value)}/s`
}
