import type { SliceSeries } from '../measure/round-effects.ts'
import type { Slices } from './run.ts'

/** A quantity that every slice has: quantile or mean time in nanoseconds, or samples a second. */
export type SliceQuantity = 'p50' | 'p95' | 'p99' | 'mean' | 'throughput'

/** One quantity of the slices as a series that `pairedRatio` compares. */
export function sliceSeries(slices: Slices, quantity: SliceQuantity): SliceSeries {
  return { round: slices.round, block: slices.block, value: sliceValues(slices, quantity) }
}

function sliceValues(slices: Slices, quantity: SliceQuantity): readonly number[] {
  switch (quantity) {
    case 'p50':
      return slices.p50Ns
    case 'p95':
      return slices.p95Ns
    case 'p99':
      return slices.p99Ns
    case 'mean':
      return slices.sumNs.map((sumNs, i) => sumNs / (slices.samples[i] ?? 0))
    case 'throughput':
      return slices.sumNs.map((sumNs, i) => ((slices.samples[i] ?? 0) * 1e9) / sumNs)
  }
}

/** Timed samples altogether. */
export const sampleCount = (slices: Slices): number => slices.samples.reduce((sum, n) => sum + n, 0)

/** Samples of the slices that share their block with a slice of `other`: those that a paired ratio rests on. */
export function pairedSampleCount(slices: Slices, other: Slices): number {
  const places = new Set(other.round.map((round, i) => `${round}/${other.block[i]}`))
  return slices.samples.reduce(
    (sum, n, i) => (places.has(`${slices.round[i]}/${slices.block[i]}`) ? sum + n : sum),
    0,
  )
}

/** Samples a second while slices ran: all samples over their summed time; NaN without samples. */
export const samplesPerSec = (slices: Slices): number =>
  (sampleCount(slices) * 1e9) / slices.sumNs.reduce((sum, ns) => sum + ns, 0)
