/**
 * Zipf's law over ranks 0 to `count - 1`: rank r has a share proportional to 1 / (r + 1)^exponent.
 * Returns a function from a uniform number in [0, 1) to a rank (inverse of the cumulative shares, binary search).
 */
export function zipf(count: number, exponent: number): (uniform: number) => number {
  const cumulative = new Float64Array(count)
  let total = 0
  for (let rank = 0; rank < count; rank += 1) {
    total += (rank + 1) ** -exponent
    cumulative[rank] = total
  }
  return (uniform) => {
    const wanted = uniform * total
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (cumulative[middle]! > wanted) high = middle
      else low = middle + 1
    }
    return low
  }
}
