import type { Evidence, ScenarioRun } from '../../run/run.ts'
import type { SuggestedBudget } from '../../run/suggested-budget.ts'
import { sampledRounds } from '../../run/timed-rounds.ts'
import { budgetAlpha } from '../../stats/budget-alpha.ts'
import { levelBounds, roundLogs } from '../../stats/over-rounds.ts'

/** Times that limits stand above what is measured, at least, unless chosen. */
export const leastHeadroom = 1.5

const spreads = 3

/**
 * Budgets for every operation and file of a Run. Time: the upper bound over rounds, times a headroom of three standard
 * deviations of the rounds' levels (e^(3·spread)) and never less than `least`, because the next gate meets other
 * processes and another hour; 3 digits. Counters, bytes and plans: as found, because they are the same on any machine.
 */
export function suggestBudgets(scenario: ScenarioRun, least: number): readonly SuggestedBudget[] {
  const ofFile = scenario.variants.map(({ id, fileBytes }) => ({
    budget: { variant: id, bytes: fileBytes },
    time: null,
  }))
  return [...scenario.evidence.map((evidence) => suggestion(scenario, evidence, least)), ...ofFile]
}

function suggestion(scenario: ScenarioRun, evidence: Evidence, least: number): SuggestedBudget {
  const { variant, operation, counters, executions } = evidence
  const time = timeOf(scenario, evidence, least)
  const each = (sum: number): number => exactLimit(sum / executions)
  const plan = planFacts(evidence)
  return {
    budget: {
      variant,
      operation,
      ...(time === null ? {} : { p95Us: roundedUp((time.highNs * time.headroom) / 1000) }),
      ...(counters.rowsRead === undefined || counters.rowsRead === 0
        ? {}
        : { rowsRead: each(counters.rowsRead) }),
      vmSteps: each(counters.vmSteps),
      fullScanSteps: each(counters.fullScanSteps),
      ...(counters.walBytes === null ? {} : { walBytes: each(counters.walBytes) }),
      ...(plan.length === 0 ? {} : { plan: [...plan] }),
    },
    time,
  }
}

function timeOf(
  { timings }: ScenarioRun,
  { operation, variant }: Evidence,
  least: number,
): SuggestedBudget['time'] {
  const found = timings.find((timing) => timing.operation === operation && timing.variant === variant)
  if (found === undefined) return null
  const rounds = sampledRounds(found)
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

/** What a plan shows, in the words of a budget. Indexes of keys go by names that the engine made up; a write sorts nothing. */
function planFacts({ plan, counters }: Evidence): readonly string[] {
  const names = plan.lines.flatMap((line) => /\bINDEX (\S+)/.exec(line)?.[1] ?? [])
  const indexes = new Set(
    names.filter((name) => !name.startsWith('sqlite_autoindex_') && !name.startsWith('(')),
  )
  return [
    ...[...indexes].map((name) => `uses ${name}`),
    ...(plan.tempBTree || counters.walBytes !== null ? [] : ['no temp b-tree']),
  ]
}

/** A mean that is no whole number is limited by the next tenth. */
const exactLimit = (value: number): number => Math.ceil(value * 10 - 1e-6) / 10

/** Three digits, and never below the value. */
function roundedUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 2)
  return Number((Math.ceil(value / unit) * unit).toPrecision(3))
}
