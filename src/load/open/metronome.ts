import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ArrivalPlan } from '../schedule.ts'
import type { MetronomeTask } from './metronome.worker.ts'

const extension = import.meta.url.slice(-3)
const entry = new URL(`./metronome.worker${extension}`, import.meta.url)
const restNs = 200_000

/** Wakes the event loop when arrivals are due: a thread that sleeps more exactly than timers do. */
export class Metronome {
  readonly #worker: Worker
  readonly #taken: Int32Array

  private constructor(worker: Worker, taken: Int32Array) {
    this.#worker = worker
    this.#taken = taken
  }

  /** For the arrivals `first`, `first + stride`, … */
  static async ready(plan: ArrivalPlan, first: number, stride: number): Promise<Metronome> {
    const taken = new SharedArrayBuffer(4)
    const task: MetronomeTask = { plan, first, stride, taken, restNs }
    const worker = new Worker(entry, {
      workerData: task,
      execArgv: extension === '.ts' ? ['--import', import.meta.resolve('jiti/register')] : [],
    })
    await once(worker, 'message')
    return new Metronome(worker, new Int32Array(taken))
  }

  /** `startNs` is a moment of `machineNs`. */
  start(startNs: number, onDue: () => void): void {
    this.#worker.on('message', onDue)
    this.#worker.postMessage(startNs, [])
  }

  /** So many arrivals need no wake any more. */
  taken(count: number): void {
    Atomics.store(this.#taken, 0, count)
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}
