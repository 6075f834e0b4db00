import { hash32, streamKeys, type UuidBits, uuidV4, uuidV7, zipf } from '../../random/random.ts'
import { rowCounts, userCount, type RowCounts, type TableName } from './scale.ts'
import { momentMs } from './rows/timeline.ts'
import type { Vocabulary } from './vocabulary.ts'

/** How primary keys are made: random (v4) or ordered by time (v7); the last 16 hex digits are the same. */
export type IdKind = 'v4' | 'v7'

/** What decides every generated row. */
export interface SeedPlan {
  readonly scale: number
  /** 0 to 2^32 - 1. */
  readonly seed: number
  readonly ids: IdKind
}

/** A plan with what is derived from it once and used by every row. */
export interface Generation {
  readonly plan: SeedPlan
  readonly counts: RowCounts
  readonly vocabulary: Vocabulary
  /** A user's rank (0 is the busiest) from a uniform number. */
  readonly userRank: (uniform: number) => number
  /** The id of a row; `unixMs` is its moment of creation. */
  readonly rowId: (table: TableName, index: number, unixMs: number) => string
}

const idWords = ['a', 'b', 'c', 'd'] as const

export function createGeneration(plan: SeedPlan, vocabulary: Vocabulary): Generation {
  const counts = rowCounts(plan.scale)
  const keys = {
    prompt_templates: streamKeys(plan.seed, 'id prompt_templates', idWords),
    prompts: streamKeys(plan.seed, 'id prompts', idWords),
    evaluations: streamKeys(plan.seed, 'id evaluations', idWords),
    test_results: streamKeys(plan.seed, 'id test_results', idWords),
  }
  const rowId = (table: TableName, index: number, unixMs: number): string => {
    const { a, b, c, d } = keys[table]
    const bits: UuidBits = [hash32(a, index), hash32(b, index), hash32(c, index), hash32(d, index)]
    return plan.ids === 'v4' ? uuidV4(bits) : uuidV7(unixMs, bits)
  }
  return { plan, counts, vocabulary, userRank: zipf(userCount(plan.scale), 1), rowId }
}

/** When row `index` of `count` was created; the first row lies at the very start, so that nothing precedes it. */
export function rowMomentMs(key: number, index: number, count: number): number {
  return momentMs(index === 0 ? 0 : (index + hash32(key, index) / 0x1_0000_0000) / count)
}
