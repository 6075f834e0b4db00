/** After how many rounds the data may be judged, and the error that this judgement may make. */
export interface InterimAnalysis {
  readonly rounds: number
  readonly alpha: number
}

/** A analysis of a gate, with the error of each of its two findings. */
export interface GateAnalysis extends InterimAnalysis {
  /** For «stalls more often». */
  readonly stallAlpha: number
}

/**
 * Interim analyses after 8, 12 and 18 rounds. Eight signs that agree have a chance of 1/256; the errors of all of them,
 * for slower quantiles and for more stalls, add up to less than 1 %, whatever they have in common (union bound).
 */
export const gateBudget: readonly GateAnalysis[] = [
  { rounds: 8, alpha: 1 / 256, stallAlpha: 0.0003 },
  { rounds: 12, alpha: 0.0025, stallAlpha: 0.0003 },
  { rounds: 18, alpha: 0.0025, stallAlpha: 0.0003 },
]

/** One analysis: the one-sided errors of each operation's bounds. 0 where that side is not decided at this analysis. */
export interface OperationAnalysis {
  readonly rounds: number
  /** For «slower»: the budget of one analysis divided among the operations. */
  readonly failAlpha: number
  /** For «faster» and «not slower by what matters»: the whole budget of the analysis. */
  readonly passAlpha: number
  /** For «stalls more often»: the budget of one analysis divided among the operations. */
  readonly stallAlpha: number
}

/**
 * The analyses of a gate over `operations` operations, by rounds.
 *
 * A gate fails when any operation is slower, so that the chance of a false alarm adds up over operations: they share the
 * budget, and an analysis waits for the rounds with which signed ranks can reach its share, log2(operations / alpha). A gate
 * passes only when every operation does, so that a regression slips through only by an error in the operation that
 * regressed: passing needs no share (intersection-union test, Berger 1982).
 */
export function gateAnalyses(
  operations: number,
  budget: readonly GateAnalysis[] = gateBudget,
): readonly OperationAnalysis[] {
  const analyses = new Map<number, OperationAnalysis>()
  const add = (
    rounds: number,
    { failAlpha = 0, passAlpha = 0, stallAlpha = 0 }: Partial<OperationAnalysis>,
  ): void => {
    const known = analyses.get(rounds)
    analyses.set(rounds, {
      rounds,
      failAlpha: failAlpha + (known?.failAlpha ?? 0),
      passAlpha: passAlpha + (known?.passAlpha ?? 0),
      stallAlpha: stallAlpha + (known?.stallAlpha ?? 0),
    })
  }
  for (const { rounds, alpha, stallAlpha } of budget) {
    // Stalls are counted by slices, of which there are enough at once.
    add(rounds, { passAlpha: alpha, stallAlpha: stallAlpha / operations })
    add(Math.max(rounds, Math.ceil(Math.log2(operations / alpha))), { failAlpha: alpha / operations })
  }
  return [...analyses.values()].toSorted((a, b) => a.rounds - b.rounds)
}
