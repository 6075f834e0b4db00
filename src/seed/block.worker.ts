import { parentPort, workerData } from 'node:worker_threads'
import { blockMaker, type Block } from './block.ts'
import { createGeneration, type SeedPlan } from './plan.ts'
import type { Vocabulary } from './vocabulary.ts'

/** What a worker needs to make blocks. */
export interface BlockWorkerData {
  readonly plan: SeedPlan
  readonly vocabulary: Vocabulary
}

const { plan, vocabulary } = workerData as BlockWorkerData
const make = blockMaker(createGeneration(plan, vocabulary))

parentPort!.on('message', (blocks: readonly Block[]) => {
  const encoded = blocks.map(make)
  const moved = encoded.flat().map(({ packed }) => packed.pages.buffer)
  parentPort!.postMessage(encoded, moved)
})
