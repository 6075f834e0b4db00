/** Lanczos approximation (g = 7, n = 9) of ln Γ(x), x > 0; relative error below 1e-13. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const [first, ...rest] = lanczos
  const at = x - 1
  const sum = rest.reduce<number>((total, coefficient, i) => total + coefficient / (at + i + 1), first)
  const t = at + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (at + 0.5) * Math.log(t) - t + Math.log(sum)
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const

/** Regularised incomplete beta function I_x(a, b) by Lentz's continued fraction (Abramowitz & Stegun 26.5.8). */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  // The fraction converges fast below the mean.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaCdf(1 - x, b, a)
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  let c = 1
  let d = nonZero(1 - ((a + b) * x) / (a + 1))
  d = 1 / d
  let fraction = d
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / nonZero(1 + even * d)
    c = nonZero(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / nonZero(1 + odd * d)
    c = nonZero(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-14) break
  }
  return (front * fraction) / a
}

const nonZero = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value)

/** The x at which an increasing function reaches a value, by bisection between two ends until they are that near. */
export function solveIncreasing(
  f: (x: number) => number,
  value: number,
  from: number,
  to: number,
  tolerance = 1e-13,
): number {
  let [low, high] = [from, to]
  for (let i = 0; i < 100 && high - low > tolerance; i++) {
    const middle = (low + high) / 2
    if (f(middle) < value) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Quantile of the beta distribution, 0 ≤ p ≤ 1. */
export const betaQuantile = (p: number, a: number, b: number): number =>
  solveIncreasing((x) => betaCdf(x, a, b), p, 0, 1)

/** Quantile of Student's t for p > 0.5, through t² / (t² + ν) ~ Beta(1/2, ν/2). */
export function studentQuantile(p: number, degreesOfFreedom: number): number {
  const x = betaQuantile(2 * p - 1, 0.5, degreesOfFreedom / 2)
  return Math.sqrt((x * degreesOfFreedom) / (1 - x))
}
