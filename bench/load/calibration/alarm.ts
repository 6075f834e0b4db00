import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

const entry = new URL(`./alarm.worker${import.meta.url.slice(-3)}`, import.meta.url)

/**
 * A timer for fractions of a millisecond: Node's own are late by one and more. A second thread sleeps, so that no
 * core is kept busy.
 */
export class Alarm {
  readonly #shared = new SharedArrayBuffer(16)
  readonly #turn = new Int32Array(this.#shared, 0, 1)
  readonly #dueNs = new BigInt64Array(this.#shared, 8, 1)
  readonly #worker: Worker
  #dueMs = Number.POSITIVE_INFINITY

  private constructor(ring: () => void) {
    this.#worker = new Worker(entry, {
      workerData: { shared: this.#shared },
      execArgv: entry.pathname.endsWith('.ts') ? ['--import', import.meta.resolve('jiti/register')] : [],
    })
    this.#worker.on('message', () => {
      this.#dueMs = Number.POSITIVE_INFINITY
      ring()
    })
  }

  /** `ring` is called at or shortly after the moment that was set, then the alarm must be set again. */
  static async start(ring: () => void): Promise<Alarm> {
    const alarm = new Alarm(ring)
    // Nothing is set yet, which is long past: the thread rings once as soon as it runs.
    await once(alarm.#worker, 'message')
    return alarm
  }

  /** Rings at that moment of `monotonicMs`, unless an earlier one is set already. */
  setBy(dueMs: number): void {
    if (dueMs >= this.#dueMs) return
    this.#dueMs = dueMs
    Atomics.store(this.#dueNs, 0, BigInt(Math.ceil(dueMs * 1e6)))
    Atomics.add(this.#turn, 0, 1)
    Atomics.notify(this.#turn, 0)
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}
