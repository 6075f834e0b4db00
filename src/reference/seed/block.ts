import { BlockEncoder, type EncodedRows } from './block-encoder.ts'
import { evaluationBlockRows, evaluationBlocks } from './rows/evaluations.ts'
import type { PageMemory } from './file/page-memory.ts'
import type { Generation } from './plan.ts'
import { promptBlockRows, promptPlan } from './rows/prompt-plan.ts'
import { promptBlocks } from './rows/prompts.ts'
import type { RowCounts } from './scale.ts'
import { eachTemplate } from './rows/templates.ts'

/** A unit of generation that depends on no other; any worker may make any block. */
export type Block =
  | { readonly kind: 'templates' }
  | { readonly kind: 'prompts'; readonly number: number }
  | { readonly kind: 'evaluations'; readonly number: number }

/** All blocks of a database, in the order in which they are written. */
export function* allBlocks(counts: RowCounts): Generator<Block> {
  yield { kind: 'templates' }
  const promptBlockCount = Math.ceil(counts.prompts / promptBlockRows)
  for (let number = 0; number < promptBlockCount; number += 1) yield { kind: 'prompts', number }
  const evaluationBlockCount = Math.ceil(counts.evaluations / evaluationBlockRows)
  for (let number = 0; number < evaluationBlockCount; number += 1) yield { kind: 'evaluations', number }
}

/** Rows of each table per block: the hash of a table is made of the hashes of its blocks. */
export const blockRows = {
  prompt_templates: Number.MAX_SAFE_INTEGER,
  prompts: promptBlockRows,
  evaluations: evaluationBlockRows,
  test_results: evaluationBlockRows * 10,
} as const

/** Memory that blocks fit in as a rule; the encoder takes more where they do not. */
const smallBlockBytes = 2 * 2 ** 20
const resultBlockBytes = 6 * 2 ** 20

/** Makes the function that generates and encodes a block, in memory that `memory` lends. */
export function blockMaker(
  generation: Generation,
  memory: PageMemory,
): (block: Block) => readonly EncodedRows[] {
  const plan = promptPlan(generation)
  const prompts = promptBlocks(generation, plan)
  const evaluations = evaluationBlocks(generation, plan)
  return (block) => {
    if (block.kind === 'templates') {
      const encoder = new BlockEncoder('prompt_templates', 1, memory.take(smallBlockBytes))
      eachTemplate(generation, (row) => encoder.add(row))
      return [encoder.finish()]
    }
    if (block.kind === 'prompts') {
      const encoder = new BlockEncoder(
        'prompts',
        block.number * promptBlockRows + 1,
        memory.take(smallBlockBytes),
      )
      prompts(block.number, (row) => encoder.add(row))
      return [encoder.finish()]
    }
    const first = block.number * evaluationBlockRows
    const evaluationRows = new BlockEncoder('evaluations', first + 1, memory.take(smallBlockBytes))
    const resultRows = new BlockEncoder('test_results', first * 10 + 1, memory.take(resultBlockBytes))
    evaluations(
      block.number,
      (row) => evaluationRows.add(row),
      (row) => resultRows.add(row),
    )
    return [evaluationRows.finish(), resultRows.finish()]
  }
}
