import { hash32, streamKeys, unit, weightedPick } from '../../../random/random.ts'
import type { CellValue } from '../file/cell.ts'
import type { Generation } from '../plan.ts'
import type { PromptBlock, PromptPlan } from './prompt-plan.ts'
import { promptBytes, promptContent, promptSubject } from './prompt-text.ts'
import { oneOf } from './text.ts'
import { anchorMs, timestamp } from './timeline.ts'
import type { Catalogue } from '../vocabulary-source.ts'
import type { Task } from '../vocabulary.ts'

const fields = ['user', 'status', 'update', 'tags', 'meta'] as const
const dayMs = 86_400_000

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

/** Up to five tags: those of the task first, then general ones. */
function tagList({ tags }: Catalogue, task: Task, key: number): string | null {
  const count = hash32(key, 0) % 6
  if (count === 0) return hash32(key, 1) % 2 === 0 ? null : '[]'
  const chosen = new Set(task.tags.slice(0, Math.ceil(count / 2)))
  // The square favours the first tags of the catalogue: some tags are common, most are rare.
  for (let index = chosen.size; index < count; index += 1) {
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

/** When a prompt was last changed: half of them never were, and deleting is the last change. */
function updatedMs(createdMs: number, deletedMs: number, uniform: number): number {
  if (deletedMs < Infinity) return deletedMs
  return uniform < 0.5 ? createdMs : createdMs + uniform * Math.min(30 * dayMs, anchorMs - createdMs)
}

/** Makes the generator of one block of prompts: it calls `emit` with every row in order. */
export function promptBlocks(
  generation: Generation,
  prompts: PromptPlan,
): (block: number, emit: (row: readonly CellValue[]) => void) => void {
  const { plan, vocabulary, rowId, userRank } = generation
  const key = streamKeys(plan.seed, 'prompts', fields)
  const rowOf = (index: number, { first, chains }: PromptBlock): readonly CellValue[] => {
    const position = index - first
    const { chainKey, version } = prompts.facts(index)
    const subject = promptSubject(vocabulary, chainKey)
    const { language, task, setting } = subject
    const createdMs = prompts.createdMs(index)
    const deletedMs = prompts.deletedMs(index)
    const parent = chains.parent[position]!
    const status = chains.superseded[position] === 1 ? supersededStatus : latestStatus
    return [
      rowId('prompts', index, createdMs),
      oneOf(setting.titles, hash32(chainKey, 11)),
      unit(chainKey, 12) < 0.7 ? oneOf(setting.descriptions, hash32(chainKey, 13)) : null,
      promptContent(subject, promptBytes(chainKey, version), chainKey, version),
      unit(chainKey, 14) < 0.6
        ? setting.role + language.betweenSentences + oneOf(language.manners, hash32(chainKey, 15))
        : null,
      tagList(vocabulary.catalogue, task, hash32(key.tags, index)),
      metaData(hash32(key.meta, index)),
      version,
      parent < 0 ? null : rowId('prompts', first + parent, prompts.createdMs(first + parent)),
      userId(plan.seed, userRank(unit(hash32(key.user, first), chains.chain[position]!))),
      status(unit(key.status, index)),
      timestamp(createdMs),
      timestamp(updatedMs(createdMs, deletedMs, unit(key.update, index))),
      deletedMs < Infinity ? timestamp(deletedMs) : null,
    ]
  }
  return (number, emit) => {
    const block = prompts.block(number)
    for (let position = 0; position < block.rows; position += 1) emit(rowOf(block.first + position, block))
  }
}
