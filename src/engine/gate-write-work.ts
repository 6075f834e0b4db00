import type { Operation } from '../scenario/scenario.ts'
import { cutPairs, type GateSampling, type PairCut } from './gate-sampling.ts'

/** Transactions of each side in a round: their arguments are used once, and travel to the process that measures. */
const mostTransactions = 1000

/** Tuples that a timed write needs: rounds begin on fresh copies, so that each may use all of them. */
export const gateWriteTuples = (statementsPerTransaction: number): number =>
  mostTransactions * statementsPerTransaction

/** How many of `count` tuples can be used where `rows` were drawn: what is deleted cannot be deleted again. */
export function usableTuples(operation: Operation, count: number, rows: number): number {
  if (operation.kind === 'read' || !/^\s*DELETE\b/i.test(operation.sql)) return count
  const { statementsPerTransaction } = operation
  const transactions = Math.floor(Math.min(rows, count) / statementsPerTransaction)
  return Math.max(transactions, 1) * statementsPerTransaction
}

/**
 * As `cutPairs`, for a write whose transactions take `medianNs`: no more than there are arguments for, and nothing warmed
 * up, since a transaction that was carried out cannot be again.
 */
export function cutWritePairs(medianNs: number, sampling: GateSampling, transactions: number): PairCut {
  const cut = cutPairs(medianNs, sampling)
  const samplesPerPair = Math.min(cut.samplesPerPair, transactions)
  return {
    pairs: Math.max(Math.min(cut.pairs, Math.floor(transactions / samplesPerPair)), 1),
    samplesPerPair,
    samplesPerTurn: Math.min(cut.samplesPerTurn, samplesPerPair),
    warmupSamples: 0,
  }
}
