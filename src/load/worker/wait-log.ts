import { decodeLatencies, latencyQuantileNs, mergeLatencies } from '../../stats/latency-counts.ts'
import { LatencyHistogram } from '../../stats/latency-histogram.ts'
import type { LoadMeasurement } from '../../run/load/load-run.ts'

/** Requests that found every connection busy and waited for one, as a sender reports them. */
export interface WaitedRequests {
  readonly requests: number
  readonly longestNs: number
  /** Waits of the measured phase, as `LatencyHistogram` writes them. */
  readonly measured: string
}

/** Records how long requests waited for a connection. */
export class WaitLog {
  readonly #fromNs: number
  readonly #measured = new LatencyHistogram()
  #requests = 0
  #longestNs = 0

  /** Requests that were due before `warmUpSeconds` are not of the measured phase. */
  constructor(warmUpSeconds: number) {
    this.#fromNs = warmUpSeconds * 1e9
  }

  /** `dueNs` is NaN without schedule: such a wait is in no latency. */
  record(waitNs: number, dueNs: number): void {
    this.#requests += 1
    this.#longestNs = Math.max(this.#longestNs, waitNs)
    if (dueNs >= this.#fromNs) this.#measured.record(waitNs)
  }

  get total(): WaitedRequests {
    return { requests: this.#requests, longestNs: this.#longestNs, measured: this.#measured.toBase64() }
  }
}

/** Waits of all senders, over so many requests of the measured phase: those that found a connection waited for 0. */
export function waitsOf(
  parts: readonly WaitedRequests[],
  requests: number,
): NonNullable<LoadMeasurement['waits']> {
  const waits = mergeLatencies(parts.map(({ measured }) => decodeLatencies(measured)))
  const waited = Math.min(waits.samples, requests)
  const withoutWait = { valuesNs: [0], counts: [requests - waited], samples: requests - waited }
  const all = mergeLatencies([withoutWait, waits])
  const quantileNs = (q: number): number => (requests === 0 ? 0 : latencyQuantileNs(all, q))
  return { requests, waited, p99Ns: quantileNs(0.99), maxNs: quantileNs(1) }
}
