/** A choice among values by weight: returns a function from a uniform number in [0, 1) to a value. */
export function weightedPick<T>(
  choices: readonly { readonly value: T; readonly weight: number }[],
): (uniform: number) => T {
  const total = choices.reduce((sum, { weight }) => sum + weight, 0)
  const last = choices.at(-1)
  if (last === undefined || !(total > 0)) throw new RangeError('weightedPick needs a positive weight')
  return (uniform) => {
    let left = uniform * total
    for (const { value, weight } of choices) {
      left -= weight
      if (left < 0) return value
    }
    return last.value
  }
}
