import type { LoadMeasurement } from '../../run/load-run.ts'

/** What iterations of k6's script took beyond their requests: time of k6 itself, which grows when it gets no processor. */
export class IterationDrift {
  readonly #sum = { iterations: 0, iterationMs: 0, requests: 0, requestMs: 0, connectingMs: 0 }

  addIteration(durationMs: number): void {
    this.#sum.iterations += 1
    this.#sum.iterationMs += durationMs
  }

  addRequest(durationMs: number): void {
    this.#sum.requests += 1
    this.#sum.requestMs += durationMs
  }

  /** A connection was opened within some iteration. */
  addConnecting(durationMs: number): void {
    this.#sum.connectingMs += durationMs
  }

  /** Means of the measured phase; undefined where nothing was measured. */
  mean(): LoadMeasurement['iterations'] {
    const { iterations, iterationMs, requests, requestMs, connectingMs } = this.#sum
    if (iterations === 0 || requests === 0) return undefined
    const meanMs = iterationMs / iterations
    const driftMs = Math.max(0, meanMs - requestMs / requests - connectingMs / requests)
    return { count: iterations, meanNs: Math.round(meanMs * 1e6), driftNs: Math.round(driftMs * 1e6) }
  }
}
