import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'

const significantDigits = 3
const highestNs = 3_600_000_000_000

/**
 * Durations in whole nanoseconds, up to an hour, in a mergeable histogram with a value error of at most 0.1 %.
 * Serialised as HdrHistogram V2, compressed, base64.
 */
export class LatencyHistogram {
  readonly #histogram: Histogram = build({
    bitBucketSize: 64,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2,
    numberOfSignificantValueDigits: significantDigits,
  })

  record(durationNs: number): void {
    this.#histogram.recordValue(Math.min(Math.max(Math.round(durationNs), 0), highestNs))
  }

  get samples(): number {
    return this.#histogram.totalCount
  }

  toBase64(): string {
    return encodeIntoCompressedBase64(this.#histogram)
  }
}
