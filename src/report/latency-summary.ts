import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import type { Timing } from '../run/run.ts'
import { samplesPerSec } from '../run/slice-series.ts'

const fewestForP95 = 20
const fewestForP99 = 100
/** Samples that a quantile of one in a thousand needs: ten beyond it. */
const fewestForP999 = 10_000

export interface LatencySummary {
  readonly samples: number
  readonly p50Ns: number
  /** Null below 20 samples, where it is the slowest one or beyond. */
  readonly p95Ns: number | null
  /** Null below 100 samples, where it is the slowest one. */
  readonly p99Ns: number | null
  /** Null below 10,000 samples. */
  readonly p999Ns: number | null
  readonly samplesPerSec: number
}

/** Quantiles over all samples of a timing; undefined when it has none. */
export function latencySummary(timing: Timing): LatencySummary | undefined {
  const histogram = decodeFromCompressedBase64(timing.histogram)
  const samples = histogram.totalCount
  if (samples === 0) return undefined
  return {
    samples,
    p50Ns: histogram.getValueAtPercentile(50),
    p95Ns: samples >= fewestForP95 ? histogram.getValueAtPercentile(95) : null,
    p99Ns: samples >= fewestForP99 ? histogram.getValueAtPercentile(99) : null,
    p999Ns: samples >= fewestForP999 ? histogram.getValueAtPercentile(99.9) : null,
    samplesPerSec: samplesPerSec(timing.slices),
  }
}
