import { needsClock } from '../../scenario/budget.ts'
import { onlySides, type DrawnOperation } from '../draw/drawn-operation.ts'
import type { Measurement } from '../experiment/measurement.ts'
import { gatePilots, gateSpending } from './gate-sampling.ts'
import { runRoundInChild, subjectsOf, timeRounds } from '../experiment/time-rounds.ts'
import type { TimingCollector } from '../experiment/timings.ts'

export interface BudgetRounds {
  readonly rounds: number
  readonly operationMs: number
  readonly maxSeconds: number
}

/**
 * The rounds that budgets on time need, each in a fresh process on fresh copies of the databases. Every finished round
 * is in `collector` at once, so that an interruption keeps it.
 * @throws InvalidMeasurementError when variants differ in rows, or acknowledged writes are missing after a round
 */
export async function timeBudgetRounds(
  measurement: Measurement,
  drawn: readonly DrawnOperation[],
  { rounds, operationMs, maxSeconds }: BudgetRounds,
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
