/** How a variant spends its time of a round on an operation. */
export interface SideCut {
  /** Slices in the round. */
  readonly blocks: number
  readonly samplesPerSlice: number
  readonly leadInSamples: number
  readonly warmupSamples: number
}

/** An operation's share of a round: blocks, in which every variant has a slice of its own length, or none. */
export interface OperationCut<S> {
  readonly blocks: number
  readonly sides: readonly (S & SideCut)[]
}

/** A variant of an operation: how long a call takes, and how much time of a round its timed samples may have. */
export interface SideTime {
  readonly medianNs: number
  readonly roundMs: number
  /** Samples that there are arguments for; as many as fit when absent. */
  readonly mostSamples?: number
}

export interface CutSettings {
  /** Time of a slice. The shorter, the more do the variants of a block share what the machine does meanwhile. */
  readonly sliceMs: number
  /** Time for calls before the first block that do not count. */
  readonly warmupMs: number
}

const fewestSamples = 4
const mostBlocks = 160

/**
 * After another variant or operation ran, caches hold another's pages. By milliseconds after a switch, medians against
 * those after 50 ms were, for reads of 6 to 20 µs: 1.4 at first, 1.2 after 1, 1.1 after 2, 1.05 after 4, 1.03 after 8.
 * Number of calls does not matter, time does: slow calls are steady after one.
 */
export const leadInMs = 10

/** Calls at the start of a slice that do not count. */
export const leadInSamples = (medianNs: number): number => Math.round((leadInMs * 1e6) / medianNs)

/**
 * Cuts an operation's time of a round into blocks. Every variant gets the samples that its own time holds, at least 4; a
 * variant with fewer samples than there are blocks has slices in as many of them as it has samples.
 */
export function cutOperation<S extends SideTime>(
  sides: readonly S[],
  { sliceMs, warmupMs }: CutSettings,
): OperationCut<S> {
  const wanted = sides.map((side) => {
    const samples = Math.max(Math.round((side.roundMs * 1e6) / side.medianNs), fewestSamples)
    const fitting = Math.max(Math.floor((sliceMs * 1e6) / side.medianNs), 1)
    return { side, samples, fitting, slices: Math.max(Math.round(samples / fitting), 1) }
  })
  const blocks = Math.min(Math.max(...wanted.map(({ slices }) => slices)), mostBlocks)
  return {
    blocks,
    sides: wanted.map(({ side, samples, fitting }) => {
      const { medianNs, mostSamples } = side
      if (mostSamples !== undefined) return { ...side, ...cutOnce(side, mostSamples, samples, fitting) }
      // Half of the usual time at least, so that a lead-in takes little more than the samples after it.
      const shortest = Math.max(Math.round((sliceMs * 1e6) / 2 / medianNs), 1)
      const spread = Math.ceil(samples / blocks)
      const samplesPerSlice = Math.max(spread, shortest)
      return {
        ...side,
        blocks: spread < shortest ? blocks : Math.min(blocks, Math.ceil(samples / samplesPerSlice)),
        samplesPerSlice,
        leadInSamples: leadInSamples(medianNs),
        warmupSamples: Math.max(Math.floor((warmupMs * 1e6) / medianNs), 1),
      }
    }),
  }
}

/**
 * Samples that can be taken once only, such as transactions: as many as there are after lead-ins, each of which takes a
 * third of them at most, in as few slices as that leaves.
 */
function cutOnce({ medianNs }: SideTime, mostSamples: number, samples: number, fitting: number): SideCut {
  const lead = Math.min(leadInSamples(medianNs), Math.floor(mostSamples / 3))
  const possible = Math.max(Math.floor(mostSamples / (Math.min(fitting, samples) + lead)), 1)
  const blocks = Math.min(Math.max(Math.round(samples / fitting), 1), mostBlocks, possible)
  return {
    blocks,
    samplesPerSlice: Math.min(Math.ceil(samples / blocks), Math.floor(mostSamples / blocks) - lead),
    leadInSamples: lead,
    warmupSamples: 0,
  }
}
