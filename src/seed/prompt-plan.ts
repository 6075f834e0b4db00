import { hash32, streamKeys, unit } from '../random/hash.ts'
import { dealChains, type Chains } from './chains.ts'
import { rowMomentMs, type Generation } from './plan.ts'
import { anchorMs } from './timeline.ts'

/** Version chains are dealt within blocks of this many prompts, so that a block needs no other. */
export const promptBlockRows = 1000

const deletedShare = 0.08
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
  /** When a prompt was deleted; Infinity if it never was. The first of a block never is. */
  readonly deletedMs: (index: number) => number
  readonly facts: (index: number) => PromptFacts
  readonly block: (number: number) => PromptBlock
}

/** Exactly the share of all rows: the last, shorter block makes up for rounding. */
const deletedCount = (rows: number): number => Math.round(rows * deletedShare)

/** Chooses positions other than 0, each equally likely (Fisher and Yates, the first steps). */
function choosePositions(rows: number, count: number, key: number): Uint16Array {
  const positions = Uint16Array.from({ length: rows - 1 }, (_, index) => index + 1)
  for (let index = 0; index < count; index += 1) {
    const other = index + Math.floor(unit(key, index) * (positions.length - index))
    ;[positions[index], positions[other]] = [positions[other]!, positions[index]!]
  }
  return positions.slice(0, count)
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
    const positions = choosePositions(rows, deletedCount(rows), hash32(key.deleted, number))
    // A version is not made from a prompt that is gone: where there is a later one, it came before the deletion.
    const momentsMs = Float64Array.from(positions, (position) => {
      const sinceMs = createdMs(first + (child.get(position) ?? position)) + minuteMs
      const uniform = unit(key.deleted, 0x1_0000 + first + position)
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
