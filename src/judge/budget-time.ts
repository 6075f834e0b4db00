import { formatDecimal, formatInteger, formatNs } from '../core/number-format.ts'
import { budgetAlpha, fewestRoundSamples, fewestSliceSamples } from '../measure/budget-rounds.ts'
import { roundLevel } from '../measure/round-levels.ts'
import type { GateUnit, GateWord } from '../run/gate-verdict.ts'
import type { Slices } from '../run/run.ts'
import { sampleCount, sliceSeries } from '../run/slice-series.ts'
import { invalid, type BudgetJudgement } from './budget-judgement.ts'

type TimeMetric = 'p95Us' | 'opsPerSec'

/**
 * A level over rounds against its limit: **pass** when the bound on the far side keeps it, **fail** when the bound on
 * the near side breaks it, else **inconclusive**. The far bound errs with `budgetAlpha` at most, the near one with
 * `failAlpha`, which budgets of one gate share.
 */
export function judgeTime(
  slices: Slices | undefined,
  metric: TimeMetric,
  limit: number,
  failAlpha: number,
): BudgetJudgement {
  const unit = metric === 'p95Us' ? 'ns' : 'per second'
  const scaled = metric === 'p95Us' ? limit * 1000 : limit
  const named = { metric, limit: `${metric === 'p95Us' ? '≤' : '≥'} ${quantity(scaled, unit)}` }
  if (slices === undefined || slices.round.length === 0) return invalid(named, 'it was not timed in this Run')
  const few = tooFewSamples(slices, metric)
  if (few !== undefined) return invalid(named, few)
  const series = sliceSeries(slices, metric === 'p95Us' ? 'p95' : 'throughput')
  const pass = roundLevel(series, budgetAlpha)
  const fail = roundLevel(series, failAlpha)
  if (pass === undefined || fail === undefined || pass.alpha === 0) {
    const needed = Math.ceil(Math.log2(1 / budgetAlpha))
    const rounds = new Set(slices.round).size
    return invalid(named, `${rounds} rounds have no bounds at ${percent(budgetAlpha)}, which need ${needed}`)
  }
  const [low, high] = metric === 'p95Us' ? [fail.low, pass.high] : [pass.low, fail.high]
  const word =
    metric === 'p95Us' ? wordOf(high <= scaled, low > scaled) : wordOf(low >= scaled, high < scaled)
  return {
    ...named,
    word,
    // Without a bound that could fail it, the one of the larger error is the most that is known.
    measured: {
      value: pass.estimate,
      low: low > 0 ? low : pass.low,
      high: Number.isFinite(high) ? high : pass.high,
      unit,
    },
    reason: reasonOf(metric, word, { level: pass.estimate, limit: scaled, low, high }, failAlpha),
    rounds: pass.rounds,
    samples: sampleCount(slices),
  }
}

const wordOf = (keeps: boolean, breaks: boolean): GateWord =>
  keeps ? 'pass' : breaks ? 'fail' : 'inconclusive'

function tooFewSamples({ round, samples }: Slices, metric: TimeMetric): string | undefined {
  const thinnest = Math.min(...samples)
  if (metric === 'p95Us' && thinnest < fewestSliceSamples) {
    return `a slice has ${thinnest} samples, and a 95th percentile needs ${fewestSliceSamples}`
  }
  const byRound = new Map<number, number>()
  round.forEach((number, i) => byRound.set(number, (byRound.get(number) ?? 0) + (samples[i] ?? 0)))
  const [found] = [...byRound].toSorted(([, a], [, b]) => a - b)
  return found !== undefined && found[1] < fewestRoundSamples
    ? `round ${found[0]} has ${formatInteger(found[1])} samples, and needs ${fewestRoundSamples}`
    : undefined
}

function reasonOf(
  metric: TimeMetric,
  word: GateWord,
  found: { readonly level: number; readonly limit: number; readonly low: number; readonly high: number },
  failAlpha: number,
): string {
  const unit = metric === 'p95Us' ? 'ns' : 'per second'
  const text = (value: number): string => quantity(value, unit)
  const [far, near] = metric === 'p95Us' ? [found.high, found.low] : [found.low, found.high]
  const [keeping, breaking] = metric === 'p95Us' ? ['below', 'above'] : ['above', 'below']
  const head = `${metric} ${text(found.level)}`
  const tail = `limit ${text(found.limit)}`
  if (word === 'pass') {
    return `${head}, surely ${keeping} ${text(far)} (error ≤ ${percent(budgetAlpha)}), ${tail}`
  }
  if (word === 'fail') {
    return `${head}, surely ${breaking} ${text(near)} (error ≤ ${percent(failAlpha)}), ${tail}`
  }
  return `${head} [${text(found.low)}, ${text(found.high)}] does not tell whether it keeps its ${tail} (errors ≤ ${percent(budgetAlpha)})`
}

const percent = (share: number): string => `${formatDecimal(share * 100)} %`

const quantity = (value: number, unit: GateUnit): string => {
  if (!Number.isFinite(value)) return 'any'
  return unit === 'ns' ? formatNs(value) : `${formatDecimal(value)}/s`
}
