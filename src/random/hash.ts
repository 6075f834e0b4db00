/**
 * A bijection of 32-bit integers whose every output bit depends on every input bit
 * (the constants are those of Chris Wellons' «lowbias32»). Returns an unsigned integer.
 */
export function mix32(value: number): number {
  let x = value | 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}

/**
 * 32 random-looking bits that depend on `key` and `counter` alone, so that any position of a stream can be
 * read without the ones before. For one key it is a bijection of `counter`: distinct counters, distinct values.
 */
export function hash32(key: number, counter: number): number {
  return mix32(mix32(counter ^ key) + Math.imul(key, 0x9e3779b1))
}

/** The key of a stream: a seed followed by names, such as `streamKey(42, 'prompts', 'title')`. */
export function streamKey(seed: number, ...names: readonly string[]): number {
  let key = mix32(seed ^ 0x5bd1e995)
  for (const name of names) {
    for (let index = 0; index < name.length; index += 1) key = mix32(key ^ name.charCodeAt(index))
    key = mix32(key + 0x9e3779b9)
  }
  return key
}

/** Keys of many streams at once: `streamKeys(seed, 'prompts', ['id', 'title'])`. */
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
