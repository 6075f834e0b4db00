import type { Operation } from '../../scenario/scenario.ts'

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
