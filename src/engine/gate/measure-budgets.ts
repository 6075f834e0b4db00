import { isMonthly, needsClock, timeMetrics, type Budget } from '../../scenario/budget.ts'
import { expandVariants, type ExpandedVariant } from '../../scenario/expand.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import { withOperations } from '../../scenario/with-operations.ts'
import { budgetAlpha, roundsForBudgets } from '../../stats/budget-alpha.ts'
import { defaultDriver } from '../../target/drivers.ts'
import { assembleScenarioRun } from '../experiment/assemble.ts'
import { onlySides, type DrawnOperation } from '../draw/drawn-operation.ts'
import { withWriteClones } from '../experiment/database-copies.ts'
import { announce, type Emit, type Step } from '../experiment/event.ts'
import type { Findings } from '../experiment/findings.ts'
import { gatePilots, gateSliceMs, gateSpending } from './gate-sampling.ts'
import { collectEvidence } from '../experiment/evidence/collect-evidence.ts'
import { refuseEngineDifferences } from '../experiment/evidence/compare-answers.ts'
import { measureRun, type RunOutcome } from '../run/measure-run.ts'
import type { CostOrder, Measurement } from '../experiment/measurement.ts'
import { stageScenario } from '../experiment/stage-scenario.ts'
import { runRoundInChild, subjectsOf, timeRounds } from '../experiment/time-rounds.ts'
import { TimingCollector } from '../experiment/timings.ts'

export interface BudgetRequest {
  /** With the budgets to measure for. */
  readonly loaded: LoadedScenario
  readonly seed: number
  readonly scale: number
  /** Time of an operation on two variants in a round. */
  readonly operationMs: number
  /** No round begins after this time. */
  readonly maxSeconds: number
  /** As many as bounds need when absent. */
  readonly rounds?: number
  /** For budgets on rows and money a month. */
  readonly cost?: CostOrder
  readonly emit: Emit
  readonly signal: AbortSignal
}

/** Transactions of a write in a round: their arguments are drawn before, and each round begins on fresh copies. */
const writeTransactions = 1000

/**
 * Measures what the budgets of a scenario need and nothing else: their variants, their operations, and rounds in fresh
 * processes only where a clock is needed. A failure after the first round does not lose what was measured: the Run is
 * marked partial, and the failure stands beside it.
 */
export async function measureBudgets(request: BudgetRequest, version: string): Promise<RunOutcome> {
  const { seed, scale, emit, signal } = request
  const loaded = onlyBudgeted(request.loaded)
  const rounds = roundsOf(request)
  let cause: unknown
  const { run, failure } = await measureRun(
    [loaded],
    () => [],
    version,
    {
      seed,
      scale,
      sampling: {
        analyses: rounds === 0 ? [] : [{ rounds, alpha: budgetAlpha }],
        sliceMs: gateSliceMs,
        maxSeconds: request.maxSeconds,
        writeTransactions,
      },
      ...(request.cost === undefined ? {} : { cost: request.cost }),
      emit,
      signal,
    },
    async (_, claims, options) => {
      const step = announce(loaded, options)
      step('staging databases')
      const measurement = await stageScenario(loaded, options, budgetedVariants(loaded))
      const findings: Findings = { timings: new TimingCollector(), warnings: [], complete: false }
      try {
        await measure(measurement, findings, { ...request, rounds }, step)
        findings.complete = true
      } catch (error) {
        if (findings.timings.timings(() => defaultDriver).length === 0) throw error
        cause = error
      }
      return assembleScenarioRun(measurement, claims, findings)
    },
  )
  return cause === undefined ? { run, failure } : { run: { ...run, status: 'partial' }, failure: cause }
}

async function measure(
  measurement: Measurement,
  findings: Findings,
  request: BudgetRequest & { readonly rounds: number },
  step: Step,
): Promise<void> {
  await withWriteClones(
    measurement,
    () => step('cloning for writes'),
    async (cloned) => {
      const drawn = await collectEvidence(cloned, findings, step)
      refuseEngineDifferences(cloned.loaded, findings.evidence ?? [])
      if (request.rounds === 0) return
      step('timing')
      await timeBudgetRounds(cloned, drawn, request, findings.timings)
    },
  )
}

function roundsOf({ loaded, rounds }: BudgetRequest): number {
  const budgets = loaded.scenario.budgets ?? []
  if (!budgets.some(needsClock)) return 0
  const limits = budgets.flatMap((budget) => timeMetrics.filter((metric) => budget[metric] !== undefined))
  return rounds ?? roundsForBudgets(limits.length)
}

/** The scenario with the operations that its budgets name; with all of them where one limits a month of a variant. */
function onlyBudgeted(loaded: LoadedScenario): LoadedScenario {
  const budgets = loaded.scenario.budgets ?? []
  if (budgets.some((budget) => budget.operation === undefined && isMonthly(budget))) return loaded
  const named = new Set(budgets.map(({ operation }) => operation))
  return withOperations(
    loaded,
    loaded.scenario.operations.map(({ id }) => id).filter((id) => named.has(id)),
  )
}

/** The variants that budgets name; compared with those of them that are there. */
function budgetedVariants({ scenario }: LoadedScenario): readonly ExpandedVariant[] {
  const named = new Set((scenario.budgets ?? []).map(({ variant }: Budget) => variant))
  return expandVariants(scenario)
    .filter(({ id }) => named.has(id))
    .map((variant) => ({
      ...variant,
      versus: variant.versus !== null && named.has(variant.versus) ? variant.versus : null,
      analyzedTwin:
        variant.analyzedTwin !== null && named.has(variant.analyzedTwin) ? variant.analyzedTwin : null,
    }))
}

/**
 * The rounds that budgets on time need, each in a fresh process on fresh copies of the databases. Every finished round
 * is in `collector` at once, so that an interruption keeps it.
 * @throws InvalidMeasurementError when variants differ in rows, or acknowledged writes are missing after a round
 */
async function timeBudgetRounds(
  measurement: Measurement,
  drawn: readonly DrawnOperation[],
  { rounds, operationMs, maxSeconds }: BudgetRequest & { readonly rounds: number },
  collector: TimingCollector,
): Promise<void> {
  const { loaded, options } = measurement
  const timed = timedOperations(measurement, drawn)
  const sampling = { operationMs, quantile: 'p95' } as const
  await timeRounds(
    {
      scenario: loaded.id,
      subjects: subjectsOf(measurement),
      seed: options.seed,
      mostRounds: rounds,
      fewestRounds: 1,
      maxSeconds,
      pilots: gatePilots,
      spend: (open, medians) => gateSpending(open, medians, sampling),
      take: ({ result }) => {
        collector.add(result)
        return timed
      },
      emit: options.emit,
      signal: options.signal,
      runRound: runRoundInChild,
    },
    timed,
  )
}

/** The operations with a budget on time, on the variants that have it. */
function timedOperations(
  { loaded }: Measurement,
  drawn: readonly DrawnOperation[],
): readonly DrawnOperation[] {
  const budgets = (loaded.scenario.budgets ?? []).filter(needsClock)
  return onlySides(drawn, (operation, variant) =>
    budgets.some((budget) => budget.operation === operation && budget.variant === variant),
  )
}
