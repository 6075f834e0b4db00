import { hash32, streamKeys, unit } from '../random/hash.ts'
import { logNormal } from '../random/log-normal.ts'
import { weightedPick } from '../random/weighted-pick.ts'
import type { CellValue } from './cell.ts'
import { dealChains, type Chains } from './chains.ts'
import { rowMomentMs, type Generation } from './plan.ts'
import { language, oneOf, sentences } from './text.ts'
import { timestamp } from './timeline.ts'
import type { Catalogue } from './vocabulary.ts'

/** Version chains are dealt within blocks of this many prompts, so that a block needs no other. */
export const promptBlockRows = 1000

const fields = [
  'moment',
  'chain',
  'user',
  'title',
  'text',
  'system',
  'status',
  'update',
  'deleted',
  'tags',
  'meta',
] as const
const dayMs = 86_400_000
const deletedShare = 0.08

const latestStatus = weightedPick([
  { value: 'active', weight: 70 },
  { value: 'draft', weight: 20 },
  { value: 'archived', weight: 10 },
])
const supersededStatus = weightedPick([
  { value: 'archived', weight: 45 },
  { value: 'active', weight: 45 },
  { value: 'draft', weight: 10 },
])

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A user's id in the form of the Clerk service: `user_2` and 26 letters and digits. */
function userId(seed: number, rank: number): string {
  const key = hash32(streamKeys(seed, 'users', ['id']).id, rank)
  let id = 'user_2'
  for (let index = 0; index < 26; index += 1) id += base62[hash32(key, index) % 62]!
  return id
}

/** When a prompt was created; evaluations need it for the id. */
export function promptMoment({ plan, counts }: Generation): (index: number) => number {
  const { moment } = streamKeys(plan.seed, 'prompts', ['moment'])
  return (index) => rowMomentMs(moment, index, counts.prompts)
}

function tagList({ tags }: Catalogue, key: number): string | null {
  const count = hash32(key, 0) % 6
  if (count === 0) return hash32(key, 1) % 2 === 0 ? null : '[]'
  const chosen = new Set<string>()
  // The square favours the first tags of the catalogue: some tags are common, most are rare.
  for (let index = 0; index < count; index += 1) {
    chosen.add(tags[Math.floor(unit(key, 2 + index) ** 2 * tags.length)]!)
  }
  return `["${[...chosen].join('","')}"]`
}

function metaData(key: number): string | null {
  if (unit(key, 0) < 0.1) return null
  const source = oneOf(['editor', 'api', 'import', 'template'], hash32(key, 1))
  const temperature = (hash32(key, 2) % 11) / 10
  const project = 1 + (hash32(key, 3) % 40)
  return `{"source":"${source}","temperature":${temperature},"project":${project},"locked":${unit(key, 4) < 0.05}}`
}

/** Makes the generator of one block of prompts: it calls `emit` with every row in order. */
export function promptBlocks(
  generation: Generation,
): (block: number, emit: (row: readonly CellValue[]) => void) => void {
  const { plan, counts, vocabulary, rowId, userRank } = generation
  const key = streamKeys(plan.seed, 'prompts', fields)
  const momentOf = promptMoment(generation)
  const rowOf = (index: number, first: number, chains: Chains): readonly CellValue[] => {
    const position = index - first
    const chainKey = hash32(hash32(key.chain, first), chains.chain[position]!)
    const words = language(vocabulary, hash32(chainKey, 1))
    const createdMs = momentOf(index)
    const text = hash32(key.text, index)
    const parent = chains.parent[position]!
    const status = chains.superseded[position] === 1 ? supersededStatus : latestStatus
    const deleted = unit(key.deleted, index) < deletedShare
    const deletedMs = createdMs + 60_000 + unit(key.deleted, index) * 400 * dayMs
    return [
      rowId('prompts', index, createdMs),
      oneOf(words.titles, hash32(chainKey, 2)),
      unit(text, 9_001) < 0.7 ? oneOf(words.questions, hash32(text, 9_002)) : null,
      sentences(words.instructions, logNormal(420, 0.8, unit(text, 9_003), unit(text, 9_004)), text),
      unit(key.system, index) < 0.6
        ? sentences([oneOf(words.roles, text), ...words.instructions], 90, text)
        : null,
      tagList(vocabulary.catalogue, hash32(key.tags, index)),
      metaData(hash32(key.meta, index)),
      chains.version[position]!,
      parent < 0 ? null : rowId('prompts', first + parent, momentOf(first + parent)),
      userId(plan.seed, userRank(unit(hash32(key.user, first), chains.chain[position]!))),
      status(unit(key.status, index)),
      timestamp(createdMs),
      timestamp(createdMs + (unit(key.update, index) < 0.5 ? 0 : unit(key.update, index) * 30 * dayMs)),
      deleted ? timestamp(deletedMs) : null,
    ]
  }
  return (block, emit) => {
    const first = block * promptBlockRows
    const rows = Math.min(promptBlockRows, counts.prompts - first)
    const chains = dealChains(rows, hash32(key.chain, block))
    for (let position = 0; position < rows; position += 1) emit(rowOf(first + position, first, chains))
  }
}
