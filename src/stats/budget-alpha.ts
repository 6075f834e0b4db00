/**
 * One-sided error of the bounds that budgets on time are judged by: a level passes that breaks its limit, or a gate
 * fails whose levels all keep theirs, with at most this chance.
 */
export const budgetAlpha = 0.01

const fewestRounds = 8

/**
 * The error that each of so many budgets on time may make in failing. A gate fails when any of them does, so that they
 * share it; it passes only when every one does, so that passing needs no share (Berger 1982).
 */
export const failAlphaOf = (budgets: number): number => budgetAlpha / Math.max(budgets, 1)

/** Rounds in which exact signed-rank bounds can fail any of so many budgets on time: n rounds reach 2^−n. */
export const roundsForBudgets = (budgets: number): number =>
  Math.max(fewestRounds, Math.ceil(Math.log2(1 / failAlphaOf(budgets))))
