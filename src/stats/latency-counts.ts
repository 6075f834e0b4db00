import { decodeFromCompressedBase64, JsHistogram } from 'hdr-histogram-js'

/**
 * The filled buckets of a latency histogram: thousands of them fit into memory, where as many histograms would not.
 * A failed request may stand in them as `Infinity`.
 */
export interface LatencyCounts {
  /** Upper ends of the buckets in nanoseconds, ascending; at most 0.1 % above the values recorded. */
  readonly valuesNs: readonly number[]
  /** Samples in the bucket at the same place. */
  readonly counts: readonly number[]
  readonly samples: number
}

export const noLatencies: LatencyCounts = { valuesNs: [], counts: [], samples: 0 }

/**
 * Reads a histogram as `LatencyHistogram` writes it.
 * @throws RangeError when the text is no such histogram
 */
export function decodeLatencies(base64: string): LatencyCounts {
  const histogram = decoded(base64)
  const valuesNs: number[] = []
  const counts: number[] = []
  if (histogram.totalCount > 0) {
    const last = histogram.countsArrayIndex(histogram.maxValue)
    for (let index = 0; index <= last; index++) {
      const count = histogram.getCountAtIndex(index)
      if (count === 0) continue
      valuesNs.push(histogram.highestEquivalentValue(histogram.valueFromIndex(index)))
      counts.push(count)
    }
  }
  return { valuesNs, counts, samples: counts.reduce((sum, count) => sum + count, 0) }
}

function decoded(base64: string): JsHistogram {
  let histogram: unknown
  try {
    histogram = decodeFromCompressedBase64(base64)
  } catch (error) {
    throw new RangeError('not an HdrHistogram', { cause: error })
  }
  if (histogram instanceof JsHistogram) return histogram
  throw new RangeError('not an HdrHistogram')
}

/** Counts that fall out of a map from values to samples. */
function fromMap(samplesAt: ReadonlyMap<number, number>): LatencyCounts {
  const entries = [...samplesAt].filter(([, count]) => count > 0).sort(([a], [b]) => a - b)
  return {
    valuesNs: entries.map(([value]) => value),
    counts: entries.map(([, count]) => count),
    samples: entries.reduce((sum, [, count]) => sum + count, 0),
  }
}

/** Adds up histograms of equal precision; exact. */
export function mergeLatencies(parts: readonly LatencyCounts[]): LatencyCounts {
  const [first = noLatencies] = parts
  if (parts.length <= 1) return first
  const samplesAt = new Map<number, number>()
  for (const { valuesNs, counts } of parts) {
    for (let i = 0; i < valuesNs.length; i++) {
      const value = valuesNs[i] ?? 0
      samplesAt.set(value, (samplesAt.get(value) ?? 0) + (counts[i] ?? 0))
    }
  }
  return fromMap(samplesAt)
}

/** `all` with the samples of `part` moved to `Infinity`; a part that is unknown is taken to be the fastest ones. */
export function atInfinity(all: LatencyCounts, part: LatencyCounts | number): LatencyCounts {
  const samplesAt = new Map(all.valuesNs.map((value, i) => [value, all.counts[i] ?? 0]))
  const moved = typeof part === 'number' ? fastest(all, part) : part
  moved.valuesNs.forEach((value, i) => {
    samplesAt.set(value, (samplesAt.get(value) ?? 0) - (moved.counts[i] ?? 0))
  })
  samplesAt.set(Infinity, (samplesAt.get(Infinity) ?? 0) + moved.samples)
  return fromMap(samplesAt)
}

function fastest({ valuesNs, counts }: LatencyCounts, samples: number): LatencyCounts {
  const samplesAt = new Map<number, number>()
  let left = samples
  for (let i = 0; i < valuesNs.length && left > 0; i++) {
    const taken = Math.min(left, counts[i] ?? 0)
    samplesAt.set(valuesNs[i] ?? 0, taken)
    left -= taken
  }
  return fromMap(samplesAt)
}

/**
 * Quantile by nearest rank: the smallest value that at least the share `q` of samples do not exceed. NaN without
 * samples.
 */
export function latencyQuantileNs({ valuesNs, counts, samples }: LatencyCounts, q: number): number {
  // 0.95 × 20 must be 19 although it is a little more in binary.
  const rank = Math.max(1, Math.ceil(q * samples - 1e-9 * samples))
  let seen = 0
  for (let i = 0; i < valuesNs.length; i++) {
    seen += counts[i] ?? 0
    if (seen >= rank) return valuesNs[i] ?? NaN
  }
  return NaN
}

/** Mean in nanoseconds; NaN without samples. */
export const latencyMeanNs = ({ valuesNs, counts, samples }: LatencyCounts): number =>
  valuesNs.reduce((sum, value, i) => sum + value * (counts[i] ?? 0), 0) / samples
