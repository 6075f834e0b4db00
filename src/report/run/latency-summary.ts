import type { Timing } from '../../run/run.ts'
import { sampleCount, sampledRounds } from '../../run/timed-rounds.ts'
import type { Quantity } from '../../stats/levelled-round.ts'
import { firstCallLevel, sideLevel, type OverRounds } from '../../stats/over-rounds.ts'

/** Latency of one operation on one variant, in nanoseconds a sample. */
export interface LatencySummary {
  readonly samples: number
  /** Of the steady state: the variant is called again and again. */
  readonly levels: Readonly<Record<Quantity, OverRounds>>
  /** Median of the first calls after another variant or operation ran. */
  readonly firstCall: OverRounds
}

/** Levels over rounds of a timing; undefined when it has no samples. */
export function latencySummary(timing: Timing, confidence: number): LatencySummary | undefined {
  const samples = sampleCount(timing)
  if (samples === 0) return undefined
  const rounds = sampledRounds(timing)
  const level = (quantity: Quantity): OverRounds => sideLevel(rounds, quantity, confidence)
  return {
    samples,
    levels: { p50: level('p50'), p95: level('p95'), p99: level('p99'), mean: level('mean') },
    firstCall: firstCallLevel(
      timing.rounds.map(({ round, slices }) => ({
        round,
        firstsNs: slices.flatMap(({ firstNs }) => firstNs ?? []),
      })),
      confidence,
    ),
  }
}
