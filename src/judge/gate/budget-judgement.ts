import type { GateFinding } from '../../run/gate-verdict.ts'

/** What is found of one limit, apart from what it is a limit of. */
export type BudgetJudgement = Pick<
  GateFinding,
  'metric' | 'word' | 'measured' | 'limit' | 'reason' | 'rounds' | 'samples'
>

/** A limit that cannot be judged, and why. */
export const invalid = (
  { metric, limit }: Pick<BudgetJudgement, 'metric' | 'limit'>,
  why: string,
): BudgetJudgement => ({
  metric,
  limit,
  word: 'invalid',
  measured: null,
  reason: `${metric} ${limit} cannot be judged: ${why}`,
  rounds: 0,
  samples: 0,
})
