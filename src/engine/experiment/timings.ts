import { InvalidMeasurementError } from '../../core/errors.ts'
import type { RoundResult, SliceResult } from '../../measure/round-plan.ts'
import type { Timing } from '../../run/run.ts'
import { encodeSamples } from '../../stats/encoded-samples.ts'
import type { DriverName } from '../../target/drivers.ts'
import { sideKey } from './plan-round.ts'

interface Series {
  readonly operation: string
  readonly variant: string
  readonly rounds: Timing['rounds'][number][]
}

/** Gathers the samples of round after round, by operation and variant. */
export class TimingCollector {
  readonly #series = new Map<string, Series>()

  /** Takes in a round. */
  add(result: RoundResult): void {
    const bySide = new Map<string, SliceResult[]>()
    for (const slice of result.slices) {
      const key = sideKey(slice.operation, slice.variant)
      bySide.set(key, [...(bySide.get(key) ?? []), slice])
    }
    for (const [key, slices] of bySide) this.#addRound(key, result.round, slices)
  }

  #addRound(key: string, round: number, slices: readonly SliceResult[]): void {
    const [first] = slices
    if (first === undefined) return
    const { operation, variant } = first
    const series = this.#series.get(key) ?? { operation, variant, rounds: [] }
    this.#series.set(key, series)
    series.rounds.push({
      round,
      slices: slices.map(({ block, order, firstNs, durationsNs }) => ({
        block,
        order,
        firstNs,
        samplesNs: encodeSamples(durationsNs),
      })),
    })
  }

  /** Everything gathered so far, in the form of a Run. */
  timings(driverOf: (variant: string) => DriverName): readonly Timing[] {
    return [...this.#series.values()].map(({ operation, variant, rounds }) => ({
      operation,
      variant,
      driver: driverOf(variant),
      rounds,
    }))
  }
}

/**
 * The timed pass is checked too: a variant that is fast because it returns nothing must not pass.
 * @throws InvalidMeasurementError when variants gave different numbers of rows for the same arguments
 */
export function refuseUnequalRows({ mismatch }: RoundResult): void {
  if (mismatch === null) return
  const { operation, variant, rows, other, otherRows } = mismatch
  throw new InvalidMeasurementError(
    'ROWS_DIFFER',
    `${operation}: ${other} gave ${otherRows} rows and ${variant} ${rows} for the same arguments while being timed; nothing of this run can be believed`,
  )
}
