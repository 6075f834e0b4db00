import type { LatencyCounts } from './latency-counts.ts'

/** A running sum of latencies that come and go, for windows that overlap. */
export class LatencyTally {
  readonly #valuesNs: readonly number[]
  readonly #placeOf: ReadonlyMap<number, number>
  readonly #counts: Float64Array
  #samples = 0

  /** Empty at first; `parts` are all that will ever be added. */
  constructor(parts: readonly LatencyCounts[]) {
    const values = new Set<number>()
    for (const { valuesNs } of parts) for (const value of valuesNs) values.add(value)
    this.#valuesNs = [...values].sort((a, b) => a - b)
    this.#placeOf = new Map(this.#valuesNs.map((value, place) => [value, place]))
    this.#counts = new Float64Array(this.#valuesNs.length)
  }

  get samples(): number {
    return this.#samples
  }

  add(part: LatencyCounts): void {
    this.#change(part, 1)
  }

  /** Takes away what was added before. */
  remove(part: LatencyCounts): void {
    this.#change(part, -1)
  }

  /** What is in the sum now. */
  counts(): LatencyCounts {
    const valuesNs: number[] = []
    const counts: number[] = []
    this.#counts.forEach((count, place) => {
      if (count === 0) return
      valuesNs.push(this.#valuesNs[place] ?? 0)
      counts.push(count)
    })
    return { valuesNs, counts, samples: this.#samples }
  }

  #change({ valuesNs, counts, samples }: LatencyCounts, sign: 1 | -1): void {
    for (let i = 0; i < valuesNs.length; i++) {
      const place = this.#placeOf.get(valuesNs[i] ?? NaN)
      if (place === undefined) throw new RangeError('a latency that was not announced')
      this.#counts[place] = (this.#counts[place] ?? 0) + sign * (counts[i] ?? 0)
    }
    this.#samples += sign * samples
  }
}
