import { cutPairs, type GateSampling, type PairCut } from './gate-sampling.ts'

/** Transactions of each side in a round: their arguments are used once, and travel to the process that measures. */
const mostTransactions = 1000

/** Tuples that a write needs: rounds begin on fresh copies, so that each may use all of them. */
export const gateWriteTuples = (statementsPerTransaction: number): number =>
  mostTransactions * statementsPerTransaction

/**
 * As `cutPairs`, for a write whose transactions take `medianNs`: no more than there are arguments for, and nothing warmed
 * up, since a transaction that was carried out cannot be again.
 */
export function cutWritePairs(medianNs: number, sampling: GateSampling): PairCut {
  const cut = cutPairs(medianNs, sampling)
  const samplesPerPair = Math.min(cut.samplesPerPair, mostTransactions)
  return {
    pairs: Math.max(Math.min(cut.pairs, Math.floor(mostTransactions / samplesPerPair)), 1),
    samplesPerPair,
    samplesPerTurn: Math.min(cut.samplesPerTurn, samplesPerPair),
    warmupSamples: 0,
  }
}
