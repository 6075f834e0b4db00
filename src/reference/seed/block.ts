import { BlockEncoder, type EncodedRows } from './block-encoder.ts'
import { evaluationBlockRows, evaluationBlocks } from './rows/evaluations.ts'
import type { CellValue } from './file/cell.ts'
import type { PageMemory } from './file/page-memory.ts'
import type { Generation } from './plan.ts'
import { promptBlockRows, promptPlan } from './rows/prompt-plan.ts'
import { promptBlocks } from './rows/prompts.ts'
import type { RowCounts, TableName } from './scale.ts'
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

type Emit = (row: readonly CellValue[]) => void

/** Makes the function that generates a block: it calls `begin` for each table of it, and what that returns with every row. */
export function rowGenerator(
  generation: Generation,
): (block: Block, begin: (table: TableName, firstRowid: number) => Emit) => void {
  const plan = promptPlan(generation)
  const prompts = promptBlocks(generation, plan)
  const evaluations = evaluationBlocks(generation, plan)
  return (block, begin) => {
    if (block.kind === 'templates') return eachTemplate(generation, begin('prompt_templates', 1))
    if (block.kind === 'prompts')
      return prompts(block.number, begin('prompts', block.number * promptBlockRows + 1))
    const first = block.number * evaluationBlockRows
    evaluations(block.number, begin('evaluations', first + 1), begin('test_results', first * 10 + 1))
  }
}

/** Makes the function that generates and encodes a block, in memory that `memory` lends. */
export function blockMaker(
  generation: Generation,
  memory: PageMemory,
): (block: Block) => readonly EncodedRows[] {
  const generate = rowGenerator(generation)
  return (block) => {
    const encoders: BlockEncoder[] = []
    generate(block, (table, firstRowid) => {
      const bytes = table === 'test_results' ? resultBlockBytes : smallBlockBytes
      const encoder = new BlockEncoder(table, firstRowid, memory.take(bytes))
      encoders.push(encoder)
      return (row) => encoder.add(row)
    })
    return encoders.map((encoder) => encoder.finish())
  }
}
