import type { SlowSlices } from './round-evidence.ts'

/** Slices that one side alone spent waiting, over rounds, and how likely so many of the candidate's are by chance. */
export interface StallCount extends SlowSlices {
  /** One-sided: P(as many of them or more are the candidate's), if each were either side's with equal chance. */
  readonly p: number
}

/**
 * Sign test on slow slices of one side. What the machine does hits either side with equal chance, since the order of the
 * sides in a pair is drawn; a candidate that stalls by itself (checkpoints, collections, locks) has more of them.
 */
export function countStalls(rounds: readonly SlowSlices[]): StallCount {
  const sum = (of: (slow: SlowSlices) => number): number =>
    rounds.reduce((total, each) => total + of(each), 0)
  const baseline = sum((slow) => slow.baseline)
  const candidate = sum((slow) => slow.candidate)
  return {
    pairs: sum(({ pairs }) => pairs),
    baseline,
    candidate,
    p: fairCoinTail(candidate, baseline + candidate),
  }
}

/** P(X ≥ k) for X heads among n fair tosses, exactly. */
export function fairCoinTail(k: number, n: number): number {
  if (k <= 0) return 1
  let log = -n * Math.LN2
  let sum = 0
  for (let heads = 0; heads <= n; heads++) {
    if (heads >= k) sum += Math.exp(log)
    log += Math.log(n - heads) - Math.log(heads + 1)
  }
  return Math.min(sum, 1)
}
