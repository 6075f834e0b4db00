import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { sourceLoader } from '../../core/source-loader.ts'
import { allBlocks, blockMaker, type Block } from './block.ts'
import type { EncodedRows } from './block-encoder.ts'
import type { BlockRequest, BlockWorkerData } from './block.worker.ts'
import { PageMemory } from './file/page-memory.ts'
import type { Generation } from './plan.ts'

type Encoded = readonly EncodedRows[]

const entry = new URL(`./block.worker${import.meta.url.slice(-3)}`, import.meta.url)

function startWorker(data: BlockWorkerData): Worker {
  return new Worker(entry, {
    workerData: data,
    execArgv: sourceLoader(entry.href),
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  })
}

/** One thread that answers batches in the order in which they were sent. */
class BlockWorker {
  readonly #worker: Worker
  readonly #returned: ArrayBuffer[] = []
  readonly #waiting: { resolve: (encoded: readonly Encoded[]) => void; reject: (error: Error) => void }[] = []
  #failure: Error | undefined

  constructor(data: BlockWorkerData) {
    this.#worker = startWorker(data)
    this.#worker.on('message', (encoded: readonly Encoded[]) => this.#waiting.shift()?.resolve(encoded))
    this.#worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', (code) => this.#fail(new Error(`a seed worker ended with code ${code}`)))
  }

  make(blocks: readonly Block[]): Promise<readonly Encoded[]> {
    const answer = new Promise<readonly Encoded[]>((resolve, reject) => {
      if (this.#failure === undefined) this.#waiting.push({ resolve, reject })
      else reject(this.#failure)
    })
    // Batches are awaited in turn: one that fails while an earlier one is awaited is reported when its turn comes.
    answer.catch(() => undefined)
    const request: BlockRequest = { blocks, returned: this.#returned.splice(0) }
    this.#worker.postMessage(request, [...request.returned])
    return answer
  }

  /** Gives the memory of blocks back that have been written. */
  reuse(encoded: Encoded): void {
    for (const { packed } of encoded) this.#returned.push(packed.pages.buffer)
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure)
  }
}

function* batches(generation: Generation, size: number): Generator<readonly Block[]> {
  let batch: Block[] = []
  for (const block of allBlocks(generation.counts)) {
    batch.push(block)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/**
 * Generates all blocks of a database and yields them in order, `blocksPerBatch` per hand-over: in this thread
 * when `workers` is 0, otherwise in so many threads, each at most two batches ahead. The blocks are the same.
 * A block's pages are valid until the next block is asked for.
 */
export async function* generateBlocks(
  generation: Generation,
  workers: number,
  blocksPerBatch: number,
): AsyncGenerator<Encoded> {
  if (workers === 0) {
    const memory = new PageMemory()
    const make = blockMaker(generation, memory)
    for (const block of allBlocks(generation.counts)) {
      const encoded = make(block)
      yield encoded
      for (const { packed } of encoded) memory.give(packed.pages.buffer)
      await setImmediate()
    }
    return
  }
  const data = { plan: generation.plan, vocabulary: generation.vocabulary }
  const pool = Array.from({ length: workers }, () => new BlockWorker(data))
  const ahead: { worker: BlockWorker; answer: Promise<readonly Encoded[]> }[] = []
  async function* next(): AsyncGenerator<Encoded> {
    const { worker, answer } = ahead.shift()!
    for (const encoded of await answer) {
      yield encoded
      worker.reuse(encoded)
    }
  }
  try {
    let turn = 0
    for (const batch of batches(generation, blocksPerBatch)) {
      const worker = pool[turn % workers]!
      ahead.push({ worker, answer: worker.make(batch) })
      turn += 1
      if (ahead.length >= workers * 2) yield* next()
    }
    while (ahead.length > 0) yield* next()
  } finally {
    await Promise.all(pool.map((worker) => worker.stop()))
  }
}
