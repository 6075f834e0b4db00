// k6 imports this file too: so it depends on nothing.

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
