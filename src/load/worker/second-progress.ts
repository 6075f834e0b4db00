import { build, type Histogram } from 'hdr-histogram-js'
import type { LoadContext, LoadSoFar } from '../engine.ts'
import type { Outcome } from './outcomes.ts'

type ShownOutcome = Pick<Outcome, 'ending' | 'isExpected' | 'serviceNs' | 'responseNs'>

interface Second {
  sent: number
  answered: number
  failed: number
  readonly latencies: Histogram
}

/** Gathers what happens in the seconds of a load, and emits each as an event once it is complete. */
export class SecondProgress {
  readonly #context: Pick<LoadContext, 'emit' | 'early'>
  readonly #soFar: () => LoadSoFar
  readonly #seconds = new Map<number, Second>()
  /** First second that has not been emitted. */
  #next = 0

  constructor(context: Pick<LoadContext, 'emit' | 'early'>, soFar: () => LoadSoFar) {
    this.#context = context
    this.#soFar = soFar
  }

  /** Counts requests that were sent; what comes for a second that has been emitted is not shown. */
  addSent(second: number, requests: number): void {
    if (second >= this.#next) this.#secondOf(second).sent += requests
  }

  /** Counts a request that has ended; `second` is the one that it is shown in. */
  addEnded(second: number, { ending, isExpected, serviceNs, responseNs }: ShownOutcome): void {
    if (second < this.#next) return
    const totals = this.#secondOf(second)
    if (ending === 'answered') totals.answered += 1
    if (!isExpected) totals.failed += 1
    totals.latencies.recordValue(Math.max(0, Math.round(responseNs ?? serviceNs)))
  }

  /** Emits the seconds before `end` that have not been emitted. */
  emitBefore(end: number): void {
    if (end <= this.#next) return
    this.#next = end
    const complete = [...this.#seconds].filter(([second]) => second < end).toSorted(([a], [b]) => a - b)
    for (const [second, totals] of complete) this.#emit(second, totals)
  }

  #emit(second: number, { latencies, ...counts }: Second): void {
    this.#seconds.delete(second)
    const p95Ns = latencies.totalCount === 0 ? null : latencies.getValueAtPercentile(95)
    this.#context.emit({ kind: 'second', second, ...counts, p95Ns })
    this.#context.early?.onSecond(second + 1, this.#soFar)
  }

  #secondOf(second: number): Second {
    let found = this.#seconds.get(second)
    if (found === undefined) {
      found = { sent: 0, answered: 0, failed: 0, latencies: latencyTotals() }
      this.#seconds.set(second, found)
    }
    return found
  }
}

/** For figures that are shown or summed up at once; `LatencyHistogram` is for what is written. */
export const latencyTotals = (): Histogram => build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3 })
