/** How a variant spends its time of a round on an operation. */
export interface SideCut {
  /** Slices in the round. */
  readonly blocks: number
  readonly samplesPerSlice: number
  readonly leadInSamples: number
  readonly warmupSamples: number
}

/** An operation's share of a round: blocks, in which every variant has a slice of its own length, or none. */
export interface OperationCut {
  readonly blocks: number
  readonly sides: readonly SideCut[]
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
 * After another variant ran, caches and branch predictors are another's: a call of 11 µs took 26, 13 and 12 µs at first
 * and was steady after about ten. Calls of a millisecond have forgotten it after one; of 10 ms, it is nothing.
 */
const leadIn = { calls: 12, ns: 1e6, none: 10e6 }

/** Calls at the start of a slice that do not count. */
export const leadInSamples = (medianNs: number): number =>
  medianNs >= leadIn.none ? 0 : Math.min(Math.max(Math.ceil(leadIn.ns / medianNs), 1), leadIn.calls)

/**
 * Cuts an operation's time of a round into blocks. Every variant gets the samples that its own time holds, at least 4; a
 * variant with fewer samples than there are blocks has slices in as many of them as it has samples.
 */
export function cutOperation(sides: readonly SideTime[], { sliceMs, warmupMs }: CutSettings): OperationCut {
  const wanted = sides.map(({ medianNs, roundMs, mostSamples = Infinity }) => {
    const samples = Math.min(Math.max(Math.round((roundMs * 1e6) / medianNs), fewestSamples), mostSamples)
    const fitting = Math.max(Math.floor((sliceMs * 1e6) / medianNs), 1)
    return { samples, slices: Math.max(Math.round(samples / fitting), 1) }
  })
  const blocks = Math.min(Math.max(...wanted.map(({ slices }) => slices)), mostBlocks)
  return {
    blocks,
    sides: sides.map(({ medianNs, mostSamples = Infinity }, index): SideCut => {
      const samples = wanted[index]?.samples ?? fewestSamples
      const lead = leadInSamples(medianNs)
      // A quarter of the usual time at least, so that a lead-in does not take more than the samples after it.
      const shortest = Math.max(Math.round((sliceMs * 1e6) / 4 / medianNs), 1)
      const spread = Math.ceil(samples / blocks)
      const samplesPerSlice = Math.min(Math.max(spread, shortest), Math.max(mostSamples - lead, 1))
      const taking = spread < shortest ? blocks : Math.min(blocks, Math.ceil(samples / samplesPerSlice))
      const possible = Math.max(Math.floor(mostSamples / (samplesPerSlice + lead)), 1)
      return {
        blocks: Math.min(taking, possible),
        samplesPerSlice,
        leadInSamples: lead,
        warmupSamples: mostSamples === Infinity ? Math.max(Math.floor((warmupMs * 1e6) / medianNs), 1) : 0,
      }
    }),
  }
}
