/** After how many rounds the data may be looked at, and the error that this look may make. */
export interface LookBudget {
  readonly rounds: number
  readonly alpha: number
}

/**
 * Looks after 8, 12 and 18 rounds. Eight signs that agree have a chance of 1/256; the errors add up to less than 1 %,
 * whatever the looks have in common (union bound).
 */
export const gateBudget: readonly LookBudget[] = [
  { rounds: 8, alpha: 1 / 256 },
  { rounds: 12, alpha: 0.003 },
  { rounds: 18, alpha: 0.003 },
]

/** One look: the one-sided errors of each operation's bounds. 0 where that side is not decided at this look. */
export interface Look {
  readonly rounds: number
  /** For «slower»: the budget of one look divided among the operations. */
  readonly failAlpha: number
  /** For «faster» and «not slower by what matters»: the whole budget of the look. */
  readonly passAlpha: number
}

/**
 * The looks of a gate over `operations` operations, by rounds.
 *
 * A gate fails when any operation is slower, so that the chance of a false alarm adds up over operations: they share the
 * budget, and a look waits for the rounds with which signed ranks can reach its share, log2(operations / alpha). A gate
 * passes only when every operation does, so that a regression slips through only by an error in the operation that
 * regressed: passing needs no share (intersection-union test, Berger 1982).
 */
export function gateLooks(operations: number, budget: readonly LookBudget[] = gateBudget): readonly Look[] {
  const looks = new Map<number, Look>()
  const add = (rounds: number, failAlpha: number, passAlpha: number): void => {
    const known = looks.get(rounds)
    looks.set(rounds, {
      rounds,
      failAlpha: failAlpha + (known?.failAlpha ?? 0),
      passAlpha: passAlpha + (known?.passAlpha ?? 0),
    })
  }
  for (const { rounds, alpha } of budget) {
    add(rounds, 0, alpha)
    add(Math.max(rounds, Math.ceil(Math.log2(operations / alpha))), alpha / operations, 0)
  }
  return [...looks.values()].toSorted((a, b) => a.rounds - b.rounds)
}
