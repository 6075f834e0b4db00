import { decodeSamples } from '../../stats/encoded-samples.ts'
import type { SampledRound } from '../../stats/sampled-slice.ts'
import type { ComparisonSlice } from './load-comparison.ts'

/** Which slices: places of the load and the variant; `op` null for all kinds of requests. */
export interface SliceChoice {
  readonly load: number
  readonly variant: number
  readonly op: string | null
}

/** The slices that were chosen. */
export const slicesOf = (
  slices: readonly ComparisonSlice[],
  { load, variant, op }: SliceChoice,
): readonly ComparisonSlice[] =>
  slices.filter((slice) => slice.load === load && slice.variant === variant && slice.op === op)

/** Latencies of the chosen slices, round by round. */
export const latencyRounds = (
  slices: readonly ComparisonSlice[],
  choice: SliceChoice,
): readonly SampledRound[] => sampled(slicesOf(slices, choice), ({ samplesNs }) => decodeSamples(samplesNs))

/** A slice counts no more than so many requests: all of them are the same number. */
const mostEqual = 1000

/**
 * Time that a request takes of a slice, its share of the slice's duration: the inverse of requests a second, whatever
 * runs at the same time. Every request of a slice has the same, so that slices count by their requests.
 */
export const paceRounds = (
  slices: readonly ComparisonSlice[],
  choice: SliceChoice,
): readonly SampledRound[] =>
  sampled(slicesOf(slices, choice), ({ requests, durationNs }) =>
    new Float64Array(Math.min(requests, mostEqual)).fill(durationNs / requests),
  )

function sampled(
  slices: readonly ComparisonSlice[],
  samplesOf: (slice: ComparisonSlice) => Float64Array,
): readonly SampledRound[] {
  const numbers = [...new Set(slices.map(({ round }) => round))]
  return numbers.map((round) => ({
    round,
    slices: slices
      .filter((slice) => slice.round === round)
      .map((slice) => ({ block: slice.block, sortedNs: samplesOf(slice) })),
  }))
}

/** Requests a second over all chosen slices: all requests over their summed time. */
export function requestsPerSec(slices: readonly ComparisonSlice[], choice: SliceChoice): number {
  const chosen = slicesOf(slices, choice)
  const requests = chosen.reduce((sum, slice) => sum + slice.requests, 0)
  const durationNs = chosen.reduce((sum, slice) => sum + slice.durationNs, 0)
  return (requests * 1e9) / durationNs
}
