import { hodgesLehmann } from '../../src/stats/hodges-lehmann.ts'
import { levelledQuantity, levelRound } from '../../src/stats/levelled-round.ts'
import { quantile, type SortedNumbers } from '../../src/stats/quantile.ts'
import type { SampledRound } from '../../src/stats/sampled-slice.ts'

export type SimulatedQuantile = 'p50' | 'p95' | 'p99'
export const probabilities: Readonly<Record<SimulatedQuantile, number>> = { p50: 0.5, p95: 0.95, p99: 0.99 }

/**
 * A way to quantiles: the logarithms of a round's levels in nanoseconds, of one side, or of each of two sides whose
 * difference is the ratio. Null where a quantile has too few samples.
 */
export interface Estimator {
  readonly title: string
  readonly logs: (
    sides: readonly SampledRound[],
    quantiles: readonly SimulatedQuantile[],
  ) => readonly (readonly (number | null)[])[]
}

const logOf = (sorted: Float64Array, of: SimulatedQuantile): number =>
  Math.log(quantile(sorted as unknown as SortedNumbers, probabilities[of]))

/** The quantile of every slice, Hodges-Lehmann over slices: the rule that this one replaced. */
const perSlice: Estimator = {
  title: 'slice by slice (former rule)',
  logs: ([first, second], quantiles) =>
    quantiles.map((of) => {
      const logs = (first?.slices ?? []).map(({ sortedNs }) => logOf(sortedNs, of))
      if (second === undefined) return [hodgesLehmann(logs)]
      // Of pairs: the second side stands for 0.
      const others = second.slices.map(({ sortedNs }) => logOf(sortedNs, of))
      return [hodgesLehmann(logs.map((log, block) => log - (others[block] ?? log))), 0]
    }),
}

/** The quantile of all samples of a round. */
const pooled: Estimator = {
  title: 'pooled',
  logs: (sides, quantiles) => {
    const all = sides.map(({ slices }) => joined(slices.map(({ sortedNs }) => sortedNs)))
    return quantiles.map((of) => all.map((sorted) => logOf(sorted, of)))
  },
}

/** Pairs divided by their common level, always without the loudest fifth, then pooled. */
const alwaysDrops: Estimator = {
  title: 'levelled, always the quietest 80 %',
  logs: (sides, quantiles) => {
    const blocks = (sides[0]?.slices ?? []).map((_, block) => {
      const slices = sides.map((side) => side.slices[block]?.sortedNs ?? new Float64Array(1))
      const medians = slices.map((sorted) => logOf(sorted, 'p50'))
      return { slices, level: medians.reduce((sum, median) => sum + median, 0) / medians.length }
    })
    const kept = blocks.toSorted((a, b) => a.level - b.level).slice(0, Math.ceil(blocks.length * 0.8))
    const level = kept.reduce((sum, each) => sum + each.level, 0) / kept.length
    const all = sides.map((_, side) =>
      joined(
        kept.map((each) => {
          const divisor = Math.exp(each.level)
          return (each.slices[side] ?? new Float64Array(0)).map((value) => value / divisor)
        }),
      ),
    )
    return quantiles.map((of) => all.map((sorted) => logOf(sorted, of) + level))
  },
}

/** What every command uses. */
export const shipped: Estimator = {
  title: 'levelled, loud stretches dropped (shipped)',
  logs: (sides, quantiles) => {
    const levelled = levelRound(
      1,
      sides.map(({ slices }) => slices),
    )
    return quantiles.map((of) =>
      (levelled?.sides ?? []).map((sorted) => {
        const value = levelledQuantity(sorted, of)
        return value === undefined ? null : Math.log(value * (levelled?.levelNs ?? 1))
      }),
    )
  },
}

export const estimators: readonly Estimator[] = [perSlice, pooled, alwaysDrops, shipped]

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all.sort()
}
