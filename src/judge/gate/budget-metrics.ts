import type { Evidence, ScenarioRun, Timing, VariantRun } from '../../run/run.ts'
import type { SuggestedBudget } from '../../run/gate/suggested-budget.ts'
import {
  metricForm,
  metricNames,
  type Budget,
  type BudgetMetric,
  type PlanFact,
} from '../../scenario/budget.ts'
import {
  judgeBytes,
  judgeCounter,
  judgePlan,
  type BudgetJudgement,
  type CounterName,
} from './budget-counters.ts'
import { judgeMonth, monthOf, type MonthlyMetric, type MonthOfSubject } from './budget-month.ts'
import { judgeTime } from './budget-time.ts'

/** What a Run holds of that which a budget limits. */
export interface BudgetSubject {
  readonly variant: VariantRun | undefined
  readonly evidence: Evidence | undefined
  readonly timing: Timing | undefined
  readonly month: MonthOfSubject
}

export function subjectOf(
  scenario: ScenarioRun,
  { variant, operation }: Pick<Budget, 'variant' | 'operation'>,
): BudgetSubject {
  const { variants, evidence, timings } = scenario
  const isIt = (each: { readonly variant: string; readonly operation: string }): boolean =>
    each.variant === variant && each.operation === operation
  return {
    variant: variants.find(({ id }) => id === variant),
    evidence: evidence.find(isIt),
    timing: timings.find(isIt),
    month: monthOf(scenario, { variant, operation }),
  }
}

interface MetricJudge<Limit> {
  /** @param failAlpha error of a bound that fails a limit on time, which the budgets of a gate share */
  readonly judge: (subject: BudgetSubject, limit: Limit, failAlpha: number) => BudgetJudgement
  /** The limit that the Run would keep; undefined where none is suggested. */
  readonly suggest: (subject: BudgetSubject, time: SuggestedBudget['time']) => Limit | undefined
}

/** Every metric of `budgetMetrics`: how it is judged, and suggested. */
const judges: { readonly [Metric in BudgetMetric]: MetricJudge<NonNullable<Budget[Metric]>> } = {
  p95Us: {
    judge: ({ timing }, limit, failAlpha) => judgeTime(timing, 'p95Us', limit, failAlpha),
    suggest: (_, time) => (time === null ? undefined : roundedUp((time.highNs * time.headroom) / 1000)),
  },
  opsPerSec: {
    judge: ({ timing }, limit, failAlpha) => judgeTime(timing, 'opsPerSec', limit, failAlpha),
    suggest: () => undefined,
  },
  rowsRead: counter('rowsRead'),
  rowsReadPerMonth: monthly('rowsReadPerMonth'),
  rowsWrittenPerMonth: monthly('rowsWrittenPerMonth'),
  usdPerMonth: monthly('usdPerMonth'),
  vmSteps: counter('vmSteps'),
  fullScanSteps: counter('fullScanSteps'),
  walBytes: counter('walBytes'),
  bytes: {
    judge: ({ variant }, limit) => judgeBytes(variant, limit),
    suggest: ({ variant }) => variant?.fileBytes,
  },
  plan: {
    judge: ({ evidence }, facts) => judgePlan(evidence, facts),
    suggest: ({ evidence }) => (evidence === undefined ? undefined : planFacts(evidence)),
  },
}

/** What a month is to be is for people to say, not for a measurement. */
function monthly(metric: MonthlyMetric): MetricJudge<number> {
  return { judge: ({ month }, limit) => judgeMonth(month, metric, limit), suggest: () => undefined }
}

function counter(name: CounterName): MetricJudge<number> {
  return {
    judge: ({ evidence }, limit) => judgeCounter(evidence, name, limit),
    suggest: ({ evidence }) => {
      const sum = evidence?.counters[name] ?? undefined
      if (evidence === undefined || sum === undefined || (name === 'rowsRead' && sum === 0)) return undefined
      return exactLimit(sum / evidence.executions)
    },
  }
}

/** Every limit of a budget, judged. */
export const judgeLimits = (
  budget: Budget,
  subject: BudgetSubject,
  failAlpha: number,
): readonly BudgetJudgement[] =>
  metricNames.flatMap((metric) => judgeLimit(metric, budget[metric], subject, failAlpha))

function judgeLimit<Metric extends BudgetMetric>(
  metric: Metric,
  limit: Budget[Metric],
  subject: BudgetSubject,
  failAlpha: number,
): readonly BudgetJudgement[] {
  const { judge } = judges[metric]
  return limit === undefined ? [] : [judge(subject, limit, failAlpha)]
}

/** The limits that a Run would keep, of an operation on a variant or of a variant's file. */
export const suggestLimits = (
  of: 'operation' | 'variant',
  subject: BudgetSubject,
  time: SuggestedBudget['time'],
): Omit<Budget, 'variant' | 'operation'> =>
  Object.fromEntries(
    metricNames
      .filter((metric) => metricForm(metric).of === of)
      .map((metric) => [metric, judges[metric].suggest(subject, time)])
      .filter(([, limit]) => limit !== undefined),
  )

/** What a plan shows, in the words of a budget. Indexes of keys go by names that the engine made up; a write sorts nothing. */
function planFacts({ plan, counters }: Evidence): readonly PlanFact[] | undefined {
  const names = plan.lines.flatMap((line) => /\bINDEX (\S+)/.exec(line)?.[1] ?? [])
  const indexes = new Set(
    names.filter((name) => !name.startsWith('sqlite_autoindex_') && !name.startsWith('(')),
  )
  const facts: PlanFact[] = [...indexes].map((name) => `uses ${name}` as const)
  if (!plan.tempBTree && counters.walBytes === null) facts.push('no temp b-tree')
  return facts.length === 0 ? undefined : facts
}

/** A mean that is no whole number is limited by the next tenth. */
const exactLimit = (value: number): number => Math.ceil(value * 10 - 1e-6) / 10

/** Three digits, and never below the value. */
function roundedUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 2)
  return Number((Math.ceil(value / unit) * unit).toPrecision(3))
}
