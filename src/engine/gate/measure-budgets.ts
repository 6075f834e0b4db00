import { InterruptedError } from '../../core/errors.ts'
import { needsClock, timeMetrics, type Budget } from '../../scenario/budget.ts'
import { expandVariants, type ExpandedVariant } from '../../scenario/expand.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import { withOperations } from '../../scenario/with-operations.ts'
import { budgetAlpha, roundsForBudgets } from '../../stats/budget-alpha.ts'
import { assembleScenarioRun } from '../experiment/assemble.ts'
import { timeBudgetRounds } from './budget-rounds.ts'
import { withWriteClones } from '../experiment/database-copies.ts'
import type { Emit, EngineStep } from '../experiment/event.ts'
import type { Findings } from '../experiment/findings.ts'
import { gateSliceMs } from './gate-sampling.ts'
import { lookAtOperations } from '../experiment/look-at-operations.ts'
import { measureRun, type RunOutcome } from '../run/measure-run.ts'
import type { Measurement } from '../experiment/measurement.ts'
import { stageScenario } from '../experiment/stage-scenario.ts'
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
        looks: rounds === 0 ? [] : [{ rounds, alpha: budgetAlpha }],
        sliceMs: gateSliceMs,
        maxSeconds: request.maxSeconds,
        writeTransactions,
      },
      emit,
      signal,
    },
    async (_, claims, options) => {
      emit({ kind: 'scenario', id: loaded.id, title: loaded.scenario.title })
      emit({ kind: 'step', scenario: loaded.id, step: 'staging databases' })
      const measurement = await stageScenario(loaded, options, budgetedVariants(loaded))
      const findings: Findings = { timings: new TimingCollector(), warnings: [], complete: false }
      try {
        await measure(measurement, findings, { ...request, rounds })
        findings.complete = true
      } catch (error) {
        if (findings.timings.timings(() => 'libsql').length === 0) throw error
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
): Promise<void> {
  const { loaded, options } = measurement
  const step = (name: EngineStep): void => {
    if (options.signal.aborted) throw new InterruptedError()
    options.emit({ kind: 'step', scenario: loaded.id, step: name })
  }
  await withWriteClones(
    measurement,
    () => step('cloning for writes'),
    async (cloned) => {
      const drawn = await lookAtOperations(cloned, findings, step)
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

/** The scenario with the operations that its budgets name. */
function onlyBudgeted(loaded: LoadedScenario): LoadedScenario {
  const named = new Set(loaded.scenario.budgets?.map(({ operation }) => operation))
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
    }))
}
