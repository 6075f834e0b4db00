/** What a sum over the windows of a measurement varies by when neighbouring windows may depend on each other. */
export interface LongRunVariance {
  readonly variance: number
  readonly degreesOfFreedom: number
  /** Correlation of neighbouring batches: near 0 where a batch is longer than what ties requests together. */
  readonly batchCorrelation: number
}

/** Fewer windows leave too few degrees of freedom for a t interval. */
export const fewestWindows = 10
const mostBatches = 16

/**
 * Variance of a sum of deviations, one for each window in the order of time, by batch means: 16 to 31 batches of whole
 * windows, around the straight line through them, so that dependence within a batch is in the variance and a steady
 * drift of the level is not. Null with fewer than ten windows. (Law, Simulation Modeling and Analysis, ch. 9.5.3.)
 */
export function longRunVariance(deviations: readonly number[]): LongRunVariance | null {
  if (deviations.length < fewestWindows) return null
  const perBatch = Math.max(1, Math.floor(deviations.length / mostBatches))
  const count = Math.floor(deviations.length / perBatch)
  const batches = Array.from({ length: count }, () => 0)
  deviations.forEach((deviation, i) => {
    const batch = Math.floor((i * count) / deviations.length)
    batches[batch] = (batches[batch] ?? 0) + deviation
  })
  const residuals = aroundLine(batches)
  const squares = residuals.reduce((sum, value) => sum + value ** 2, 0)
  const neighbours = residuals.reduce((sum, value, i) => sum + value * (residuals[i + 1] ?? 0), 0)
  const degreesOfFreedom = count - 2
  return {
    variance: (count * squares) / degreesOfFreedom,
    degreesOfFreedom,
    batchCorrelation: squares === 0 ? 0 : neighbours / squares,
  }
}

/** What is left of the values beside the least-squares line through them. */
function aroundLine(values: readonly number[]): readonly number[] {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const slope =
    values.reduce((sum, value, i) => sum + value * (i - middle), 0) /
    values.reduce((sum, _, i) => sum + (i - middle) ** 2, 0)
  return values.map((value, i) => value - mean - slope * (i - middle))
}
