import { needsClock } from '../../scenario/budget.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'
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
  const { loaded, variants, options } = measurement
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
      pilots: gatePilots(variants),
      spend: (open, medians) => gateSpending(open, variants, medians, sampling),
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
  { loaded, variants }: Measurement,
  drawn: readonly DrawnOperation[],
): readonly DrawnOperation[] {
  const budgets = (loaded.scenario.budgets ?? []).filter(needsClock)
  return drawn.flatMap((each) => {
    const taking = each.variants.filter((index) =>
      budgets.some(
        ({ operation, variant }) => operation === each.operation.id && variant === variants[index]?.id,
      ),
    )
    return taking.length === 0 ? [] : [{ ...each, variants: taking }]
  })
}
