import { hash32, shuffle, unit } from '../../../random/random.ts'

/** How the prompts of a block hang together as versions of each other, by position in the block. */
export interface Chains {
  /** The chain that a row belongs to. */
  readonly chain: Uint32Array
  /** 1, 2, 3 … along a chain. */
  readonly version: Uint32Array
  /** Position of the version before, or -1. */
  readonly parent: Int32Array
  /** 1 where a later version exists. */
  readonly superseded: Uint8Array
}

const singleShare = 0.55
const continueShare = 0.72
const longestOrdinary = 20
const deepFrom = 50

/**
 * Deals `rows` consecutive prompts into version chains. Most have one version, others go on with probability 0.72;
 * each block of 100 rows or more also holds one deep chain of 50 to 80 versions. Chains of a block are interleaved.
 */
export function dealChains(rows: number, key: number): Chains {
  const chain = new Uint32Array(rows)
  let filled = 0
  for (let id = 0; filled < rows; id += 1) {
    const length =
      id === 0 && rows >= 100 ? deepFrom + (hash32(key, 0) % 31) : ordinaryLength(hash32(key, id))
    chain.fill(id, filled, Math.min(rows, filled + length))
    filled += length
  }
  shuffle(chain, hash32(key, rows))
  const version = new Uint32Array(rows)
  const parent = new Int32Array(rows)
  const superseded = new Uint8Array(rows)
  const last = new Map<number, number>()
  for (let row = 0; row < rows; row += 1) {
    const before = last.get(chain[row]!) ?? -1
    parent[row] = before
    version[row] = before < 0 ? 1 : version[before]! + 1
    if (before >= 0) superseded[before] = 1
    last.set(chain[row]!, row)
  }
  return { chain, version, parent, superseded }
}

function ordinaryLength(key: number): number {
  if (unit(key, 1) < singleShare) return 1
  let length = 2
  while (length < longestOrdinary && unit(key, length) < continueShare) length += 1
  return length
}
