import { hash32, mix32 } from './hash.ts'

export { hash32, mix32 }

/** The key of a stream: a seed followed by names, such as `streamKey(42, 'orders', 'total')`. */
export function streamKey(seed: number, ...names: readonly string[]): number {
  let key = mix32(seed ^ 0x5bd1e995)
  for (const name of names) {
    for (let index = 0; index < name.length; index += 1) key = mix32(key ^ name.charCodeAt(index))
    key = mix32(key + 0x9e3779b9)
  }
  return key
}

/** Keys of many streams at once: `streamKeys(seed, 'orders', ['id', 'total'])`. */
export function streamKeys<const Name extends string>(
  seed: number,
  group: string,
  names: readonly Name[],
): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name) => [name, streamKey(seed, group, name)])) as Record<Name, number>
}

/** A number in [0, 1), uniform over 2^32 steps. */
export function unit(key: number, counter: number): number {
  return hash32(key, counter) / 0x1_0000_0000
}

/** An integer in [0, bound), for bounds far below 2^32. */
export function below(bound: number, key: number, counter: number): number {
  return Math.floor(unit(key, counter) * bound)
}

/** A seeded source of uniform numbers in [0, 1), for code that draws one after another. */
export function randomSequence(key: number): () => number {
  let counter = 0
  return () => unit(key, counter++)
}

/** A random permutation (Fisher & Yates 1938). `random` is uniform in [0, 1). */
export function shuffled<T>(values: readonly T[], random: () => number): readonly T[] {
  const result = [...values]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const swap = result[i] as T
    result[i] = result[j] as T
    result[j] = swap
  }
  return result
}

/** Shuffles an array of integers in place (Fisher and Yates), by the stream `key`. */
export function shuffle(values: Uint32Array, key: number): void {
  for (let index = values.length - 1; index > 0; index -= 1) {
    const other = below(index + 1, key, index)
    const value = values[index]!
    values[index] = values[other]!
    values[other] = value
  }
}

/** A standard normal deviate of two uniform numbers in [0, 1) (Box and Muller 1958). */
export function normal(uniform1: number, uniform2: number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform1)) * Math.cos(2 * Math.PI * uniform2)
}

/** A log-normal deviate: half of them lie below `median`; `sigma` is the spread of the logarithm. */
export function logNormal(median: number, sigma: number, uniform1: number, uniform2: number): number {
  return median * Math.exp(sigma * normal(uniform1, uniform2))
}

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

const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
const hyphen = '-'.charCodeAt(0)

/** Where an id is put together: twice as fast as joining strings, and ids are most of what a seeder writes. */
const text = Buffer.alloc(36, hyphen)

/** Writes the lowest `count` hex digits of a 32-bit value. */
function put(value: number, offset: number, count: number): void {
  let rest = value
  for (let index = offset + count - 1; index >= offset; index -= 1) {
    text[index] = digits[rest & 15]!
    rest >>>= 4
  }
}

/** Bytes 8 to 15: the variant and 62 random bits. The last 16 hex digits of v4 and v7 ids of one row are equal. */
function putLowHalf(high: number, low: number): void {
  put(((high >>> 16) & 0x3fff) | 0x8000, 19, 4)
  put(high, 24, 4)
  put(low, 28, 8)
}

/** Four words of 32 random bits; the last two make the low half of the id. */
export type UuidBits = readonly [number, number, number, number]

/** A version 4 UUID (RFC 9562 section 5.4) of random bits, as 36 characters in lower case. */
export function uuidV4([a, b, c, d]: UuidBits): string {
  put(a, 0, 8)
  put(b >>> 16, 9, 4)
  put((b & 0x0fff) | 0x4000, 14, 4)
  putLowHalf(c, d)
  return text.toString('latin1')
}

/** A version 7 UUID (RFC 9562 section 5.7): milliseconds since 1970, then random bits. 36 characters in lower case. */
export function uuidV7(unixMs: number, [, b, c, d]: UuidBits): string {
  put(Math.floor(unixMs / 0x10000), 0, 8)
  put(unixMs % 0x10000, 9, 4)
  put((b & 0x0fff) | 0x7000, 14, 4)
  putLowHalf(c, d)
  return text.toString('latin1')
}
