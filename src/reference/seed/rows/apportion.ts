/**
 * Splits `total` among items in proportion to their weights: whole numbers that add up to exactly `total`;
 * every item with a positive weight gets at least one (as far as `total` allows), others none.
 */
export function apportion(total: number, weights: Float64Array): Uint32Array {
  const counts = new Uint32Array(weights.length)
  const positive = weights.filter((weight) => weight > 0).length
  if (positive === 0) throw new RangeError('apportion needs a positive weight')
  const floor = total >= positive ? 1 : 0
  const shared = total - positive * floor
  const sum = weights.reduce((all, weight) => all + weight, 0)
  let cumulative = 0
  let seen = 0
  let given = 0
  for (const [index, weight] of weights.entries()) {
    if (weight <= 0) continue
    cumulative += weight
    seen += 1
    // The last item takes the remainder, so that rounding errors of the sum cannot lose a row.
    const due = seen === positive ? shared : Math.floor((cumulative / sum) * shared)
    counts[index] = floor + due - given
    given = due
  }
  return counts
}
