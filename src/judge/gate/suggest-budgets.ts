import type { ScenarioRun } from '../../run/run.ts'
import type { SuggestedBudget } from '../../run/gate/suggested-budget.ts'
import { sampledRounds } from '../../run/timed-rounds.ts'
import { budgetAlpha } from '../../stats/budget-alpha.ts'
import { levelBounds, roundLogs } from '../../stats/over-rounds.ts'
import { subjectOf, suggestLimits, type BudgetSubject } from './budget-metrics.ts'

/** Times that limits stand above what is measured, at least, unless chosen. */
export const leastHeadroom = 1.5

const spreads = 3

/**
 * Budgets for every operation and file of a Run. Time: the upper bound over rounds, times a headroom of three standard
 * deviations of the rounds' levels (e^(3·spread)) and never less than `least`, because the next gate meets other
 * processes and another hour; 3 digits. Counters, bytes and plans: as found, because they are the same on any machine.
 */
export function suggestBudgets(scenario: ScenarioRun, least: number): readonly SuggestedBudget[] {
  const ofOperations = scenario.evidence.map(({ variant, operation }): SuggestedBudget => {
    const subject = subjectOf(scenario, { variant, operation })
    const time = timeOf(subject, least)
    return { budget: { variant, operation, ...suggestLimits('operation', subject, time) }, time }
  })
  const ofFiles = scenario.variants.map(({ id: variant }): SuggestedBudget => {
    const limits = suggestLimits('variant', subjectOf(scenario, { variant }), null)
    return { budget: { variant, ...limits }, time: null }
  })
  return [...ofOperations, ...ofFiles]
}

function timeOf({ timing }: BudgetSubject, least: number): SuggestedBudget['time'] {
  if (timing === undefined) return null
  const rounds = sampledRounds(timing)
  const level = levelBounds(rounds, 'p95', budgetAlpha)
  if (level === undefined || level.alpha === 0) return null
  const spread = standardDeviation([...roundLogs(rounds, 'p95').values()])
  return {
    p95Ns: level.estimate,
    highNs: level.high,
    spread,
    headroom: Math.max(least, Math.exp(spreads * spread)),
    rounds: level.rounds,
  }
}

/** Of a sample; 0 for fewer than two values. */
function standardDeviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1))
}
