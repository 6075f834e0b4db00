/** One-sided bounds of a probability, each wrong with probability at most `alpha`. */
export interface BinomialBounds {
  readonly low: number
  readonly high: number
}

/**
 * Exact bounds of a probability from `hits` in `trials` (Clopper & Pearson 1934): the probabilities with which as many
 * hits or more, and as many or fewer, have probability `alpha`. Both together are an interval of 1 − 2·alpha.
 */
export function binomialBounds(hits: number, trials: number, alpha: number): BinomialBounds {
  return { low: 1 - upperBound(trials - hits, trials, alpha), high: upperBound(hits, trials, alpha) }
}

function upperBound(hits: number, trials: number, alpha: number): number {
  if (hits >= trials) return 1
  let low = hits / trials
  let high = 1
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2
    if (probabilityOfAtMost(hits, trials, middle) > alpha) low = middle
    else high = middle
  }
  return high
}

/** P(X ≤ hits) of a binomial count, summed over the shorter side. */
function probabilityOfAtMost(hits: number, trials: number, p: number): number {
  const between = (from: number, to: number): number => {
    let sum = 0
    for (let i = from; i <= to; i++) {
      sum += Math.exp(logChoices(trials, i) + i * Math.log(p) + (trials - i) * Math.log1p(-p))
    }
    return sum
  }
  return hits < trials / 2 ? between(0, hits) : 1 - between(hits + 1, trials)
}

const logFactorials: number[] = [0]

function logFactorial(n: number): number {
  for (let i = logFactorials.length; i <= n; i++) {
    logFactorials.push((logFactorials[i - 1] ?? 0) + Math.log(i))
  }
  return logFactorials[n] ?? 0
}

const logChoices = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k)
