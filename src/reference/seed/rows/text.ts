/** An element of a non-empty list by 32 random bits. */
export function oneOf<T>(list: readonly T[], bits: number): T {
  return list[bits % list.length]!
}
