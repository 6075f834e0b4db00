/** How a gate spends a round on each operation. */
export interface GateSampling {
  /** Time that a slice should take at least: what shorter slices meet is chance. */
  readonly sliceMs: number
  /** Samples of each side in a pair, where the operation is fast enough. */
  readonly samplesPerPair: number
  /** Time of both sides in a round. */
  readonly operationMs: number
  /** So many times the planned time, a round begins no further pair: what a busy machine does not get done is left out. */
  readonly longestRound: number
  /** Time that one side of an operation is warmed up in a round; none of it counts. */
  readonly warmupMs: number
  /** A slice that takes longer than this is cut: the sides take turns sample by sample. */
  readonly longestSliceMs: number
  /** Samples of each side in a round below which a 95th percentile means nothing. */
  readonly fewestSamples: number
}

export const defaultGateSampling: GateSampling = {
  sliceMs: 20,
  samplesPerPair: 200,
  operationMs: 1000,
  longestRound: 1.7,
  warmupMs: 60,
  longestSliceMs: 40,
  fewestSamples: 40,
}

/** Short rounds before the first that set the length of slices: one with cold caches, one that knows a little. */
export const pilotSamplings: readonly Partial<GateSampling>[] = [
  { operationMs: 1, warmupMs: 1, fewestSamples: 4 },
  { operationMs: 100, warmupMs: 50, fewestSamples: 10 },
]

/** Tells how the rounds of one operation are cut: pairs of slices, slices in turns. */
export interface PairCut {
  readonly pairs: number
  readonly samplesPerPair: number
  readonly samplesPerTurn: number
  readonly warmupSamples: number
}

const mostPairs = 160

/**
 * Cuts an operation's time of a round, from the median of its slower side. A pair has the samples asked for, or more
 * where they would end too soon; a slow operation has one pair with what fits, but never fewer than the fewest samples.
 */
export function cutPairs(medianNs: number, sampling: GateSampling): PairCut {
  const samplesIn = (milliseconds: number): number => Math.floor((milliseconds * 1e6) / medianNs)
  const fitting = Math.max(Math.floor(samplesIn(sampling.operationMs) / 2), sampling.fewestSamples)
  const samplesPerPair = Math.min(Math.max(sampling.samplesPerPair, samplesIn(sampling.sliceMs)), fitting)
  return {
    pairs: Math.min(Math.floor(fitting / samplesPerPair), mostPairs),
    samplesPerPair,
    // A few samples a turn would put the first of each, which finds cold caches, close to the 95th percentile.
    samplesPerTurn: samplesPerPair <= samplesIn(sampling.longestSliceMs) ? samplesPerPair : 1,
    warmupSamples: Math.max(samplesIn(sampling.warmupMs), 1),
  }
}
