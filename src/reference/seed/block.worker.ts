import { parentPort, workerData } from 'node:worker_threads'
import { blockMaker, type Block } from './block.ts'
import { PageMemory } from './file/page-memory.ts'
import { createGeneration, type SeedPlan } from './plan.ts'
import type { Vocabulary } from './vocabulary.ts'

/** What a worker needs to make blocks. */
export interface BlockWorkerData {
  readonly plan: SeedPlan
  readonly vocabulary: Vocabulary
}

/** What a worker is sent: blocks to make, and memory of earlier ones that is free again. */
export interface BlockRequest {
  readonly blocks: readonly Block[]
  readonly returned: readonly ArrayBuffer[]
}

const { plan, vocabulary } = workerData as BlockWorkerData
const memory = new PageMemory()
const make = blockMaker(createGeneration(plan, vocabulary), memory)

parentPort!.on('message', ({ blocks, returned }: BlockRequest) => {
  for (const buffer of returned) memory.give(buffer)
  const encoded = blocks.map(make)
  const moved = encoded.flat().map(({ packed }) => packed.pages.buffer)
  parentPort!.postMessage(encoded, moved)
})
