import { below, hash32, streamKeys, unit } from '../../../random/random.ts'
import { dealChains, type Chains } from './chains.ts'
import { rowMomentMs, type Generation } from '../plan.ts'
import { anchorMs } from './timeline.ts'

/** Version chains are dealt within blocks of this many prompts, so that a block needs no other. */
export const promptBlockRows = 1000

const deletedShare = 0.08
const deletionGroup = 25
const dayMs = 86_400_000
const minuteMs = 60_000

/** Which prompts of a block are deleted, by position, and when (ms since 1970). */
interface Deletions {
  readonly positions: Uint16Array
  readonly momentsMs: Float64Array
}

/** What a block's rows have to do with each other. */
export interface PromptBlock {
  readonly first: number
  readonly rows: number
  readonly chains: Chains
  readonly deletions: Deletions
}

/** What evaluations need to know of a prompt. */
export interface PromptFacts {
  /** The key of all that the versions of the prompt have in common. */
  readonly chainKey: number
  readonly version: number
}

/** Prompts as far as other rows depend on them: every answer is a function of seed, scale and index. */
export interface PromptPlan {
  /** When a prompt was created, in ms since 1970. */
  readonly createdMs: (index: number) => number
  /** When a prompt was deleted; Infinity if it never was. The first of 25 never is. */
  readonly deletedMs: (index: number) => number
  readonly facts: (index: number) => PromptFacts
  readonly block: (number: number) => PromptBlock
}

/**
 * The positions in a block that are deleted: two of every 25, and never the first of them. A shorter last group has the
 * nearest number. Which they are does not depend on how many rows there are, so that the rows of a load profile, drawn at
 * one scale, are there at larger ones.
 */
function deletedPositions(first: number, rows: number, key: number): Uint16Array {
  const positions: number[] = []
  for (let start = 0; start < rows; start += deletionGroup) {
    const size = Math.min(deletionGroup, rows - start)
    const groupKey = hash32(key, first + start)
    const one = below(size - 1, groupKey, 1)
    const other = (one + 1 + below(size - 2, groupKey, 2)) % (size - 1)
    for (const position of [one, other].slice(0, Math.round(size * deletedShare))) {
      positions.push(start + 1 + position)
    }
  }
  return Uint16Array.from(positions)
}

/** Plans the prompts of a generation. It remembers 3 kB for every block that was asked for. */
export function promptPlan({ plan, counts }: Generation): PromptPlan {
  const key = streamKeys(plan.seed, 'prompts', ['moment', 'chain', 'deleted'])
  const createdMs = (index: number): number => rowMomentMs(key.moment, index, counts.prompts)
  const block = (number: number): PromptBlock => {
    const first = number * promptBlockRows
    const rows = Math.min(promptBlockRows, counts.prompts - first)
    const chains = dealChains(rows, hash32(key.chain, number))
    const child = new Map<number, number>()
    for (let row = 0; row < rows; row += 1) child.set(chains.parent[row]!, row)
    const positions = deletedPositions(first, rows, key.deleted)
    // A version is not made from a prompt that is gone: where there is a later one, it came before the deletion.
    const momentsMs = Float64Array.from(positions, (position) => {
      const sinceMs = createdMs(first + (child.get(position) ?? position)) + minuteMs
      const uniform = unit(hash32(key.deleted, first + position), 3)
      return Math.floor(sinceMs + uniform * Math.min(400 * dayMs, anchorMs - sinceMs))
    })
    return { first, rows, chains, deletions: { positions, momentsMs } }
  }
  type Remembered = {
    readonly chain: Uint16Array
    readonly version: Uint8Array
    readonly deletions: Deletions
  }
  const remembered = new Map<number, Remembered>()
  const recall = (index: number): Remembered => {
    const number = Math.floor(index / promptBlockRows)
    let found = remembered.get(number)
    if (found === undefined) {
      const { chains, deletions } = block(number)
      found = { chain: Uint16Array.from(chains.chain), version: Uint8Array.from(chains.version), deletions }
      remembered.set(number, found)
    }
    return found
  }
  return {
    createdMs,
    deletedMs: (index) => {
      const { positions, momentsMs } = recall(index).deletions
      return momentsMs[positions.indexOf(index % promptBlockRows)] ?? Infinity
    },
    facts: (index) => {
      const position = index % promptBlockRows
      const { chain, version } = recall(index)
      const first = index - position
      return { chainKey: hash32(hash32(key.chain, first), chain[position]!), version: version[position]! }
    },
    block,
  }
}
