import { createRequire } from 'node:module'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { allBlocks, blockMaker, type Block } from './block.ts'
import type { EncodedRows } from './block-encoder.ts'
import type { BlockWorkerData } from './block.worker.ts'
import type { Generation } from './plan.ts'

type Encoded = readonly EncodedRows[]

/** Run from sources (tests), a worker needs a loader for TypeScript; run from dist it does not. */
const fromSources = import.meta.url.endsWith('.ts')
const entry = new URL(fromSources ? './block.worker.ts' : './block.worker.js', import.meta.url)

function startWorker(data: BlockWorkerData): Worker {
  const loader = (): string => createRequire(import.meta.url).resolve('jiti/register')
  return new Worker(entry, {
    workerData: data,
    execArgv: fromSources ? ['--import', loader()] : [],
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  })
}

/** One thread that answers batches in the order in which they were sent. */
class BlockWorker {
  readonly #worker: Worker
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
    this.#worker.postMessage(blocks)
    return answer
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
 */
export async function* generateBlocks(
  generation: Generation,
  workers: number,
  blocksPerBatch: number,
): AsyncGenerator<Encoded> {
  if (workers === 0) {
    const make = blockMaker(generation)
    for (const block of allBlocks(generation.counts)) {
      yield make(block)
      await setImmediate()
    }
    return
  }
  const data = { plan: generation.plan, vocabulary: generation.vocabulary }
  const pool = Array.from({ length: workers }, () => new BlockWorker(data))
  try {
    const ahead: Promise<readonly Encoded[]>[] = []
    let turn = 0
    for (const batch of batches(generation, blocksPerBatch)) {
      ahead.push(pool[turn % workers]!.make(batch))
      turn += 1
      if (ahead.length >= workers * 2) yield* await ahead.shift()!
    }
    for (const answer of ahead) yield* await answer
  } finally {
    await Promise.all(pool.map((worker) => worker.stop()))
  }
}
