import type { SliceSeries } from '../measure/round-effects.ts'
import type { ComparisonSlices } from './load-comparison.ts'

/** A quantity that every slice of a comparison has: requests a second, their inverse, or a quantile in nanoseconds. */
export type ComparedQuantity = 'throughput' | 'time per request' | 'p50' | 'p95'

/** Which slices: places of the load and the variant; `op` null for all kinds of requests. */
export interface SliceChoice {
  readonly load: number
  readonly variant: number
  readonly op: string | null
}

/** Rows of the slices that were chosen. */
export function rowsOf(slices: ComparisonSlices, { load, variant, op }: SliceChoice): readonly number[] {
  return [...slices.round.keys()].filter(
    (row) => slices.load[row] === load && slices.variant[row] === variant && slices.op[row] === op,
  )
}

/** One quantity of the chosen slices as a series that `pairedRatio` compares. */
export function comparedSeries(
  slices: ComparisonSlices,
  choice: SliceChoice,
  quantity: ComparedQuantity,
): SliceSeries {
  const rows = rowsOf(slices, choice)
  const column = (values: readonly number[]): readonly number[] => rows.map((row) => values[row] ?? 0)
  return {
    round: column(slices.round),
    block: column(slices.block),
    value: rows.map((row) => valueOf(slices, row, quantity)),
  }
}

function valueOf(slices: ComparisonSlices, row: number, quantity: ComparedQuantity): number {
  const requests = slices.requests[row] ?? 0
  const durationNs = slices.durationNs[row] ?? 0
  switch (quantity) {
    case 'throughput':
      return (requests * 1e9) / durationNs
    case 'time per request':
      return durationNs / requests
    case 'p50':
      return slices.p50Ns[row] ?? 0
    case 'p95':
      return slices.p95Ns[row] ?? 0
  }
}

/** Requests a second over all chosen slices: all requests over their summed time. */
export function requestsPerSec(slices: ComparisonSlices, choice: SliceChoice): number {
  const rows = rowsOf(slices, choice)
  const sum = (values: readonly number[]): number =>
    rows.reduce((total, row) => total + (values[row] ?? 0), 0)
  return (sum(slices.requests) * 1e9) / sum(slices.durationNs)
}
