/** How long and how often to measure. */
export interface Sampling {
  /** Fresh processes; seven give a 95 % interval that leaves out the two wildest on either side. */
  readonly rounds: number
  /** Slices of every operation and variant in a round. */
  readonly blocksPerRound: number
  /** Time that the slowest variant of an operation may take in one slice. */
  readonly sliceMs: number
}

export const defaultSampling: Sampling = { rounds: 7, blocksPerRound: 2, sliceMs: 16 }

/** Distinct argument tuples of a read; slices walk through them. */
export const readTuples = 512
/** Tuples of a read that answers and counters are taken from. */
export const evidenceTuples = 24

/** Tuples to draw for a read: those of the evidence alone where nothing is timed, which are the first of the others. */
export const tuplesOfRead = ({ rounds }: Sampling): number => (rounds === 0 ? evidenceTuples : readTuples)

/** Transactions in a slice of a write. */
export const transactionsPerSlice = 4
/** Samples of a read in the pilot that sets the length of slices. */
export const pilotSamples = 4

const fewestSamples = 2
const mostSamples = 300

/**
 * Samples a slice of a read, the same for all variants of a block so that they meet the same arguments: as many as the
 * slowest variant does in `sliceMs`, but at least 2 and at most 300.
 */
export function samplesPerSlice(slowestMedianNs: number, sliceMs: number): number {
  const fitting = Math.floor((sliceMs * 1e6) / slowestMedianNs)
  return Math.min(Math.max(fitting, fewestSamples), mostSamples)
}

/** Blocks of a read in a round: fewer than asked for when even the shortest slice takes longer than `sliceMs`. */
export function blocksThatFit(slowestMedianNs: number, { blocksPerRound, sliceMs }: Sampling): number {
  const sliceNs = samplesPerSlice(slowestMedianNs, sliceMs) * slowestMedianNs
  return Math.min(Math.max(Math.round((blocksPerRound * sliceMs * 1e6) / sliceNs), 1), blocksPerRound)
}

/** Tuples that a write uses up in a whole run: evidence, pilot and every slice of every round, none twice. */
export function writeTuples(statementsPerTransaction: number, sampling: Sampling): number {
  const slices = sampling.rounds * sampling.blocksPerRound
  return statementsPerTransaction * (1 + (1 + slices) * transactionsPerSlice)
}

/** Where the tuples of a write's round begin; round 0 is the pilot, before it stands the evidence. */
export function writeOffset(round: number, statementsPerTransaction: number, sampling: Sampling): number {
  const pilot = transactionsPerSlice
  const before = round === 0 ? 0 : pilot + (round - 1) * sampling.blocksPerRound * transactionsPerSlice
  return statementsPerTransaction * (1 + before)
}
