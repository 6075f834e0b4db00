import { build, encodeIntoCompressedBase64, JsHistogram } from 'hdr-histogram-js'
import type { SummaryGrid } from './pod-summary.ts'

/** Of `served` requests so many took longer than a bound, or exactly as long where it is inclusive. */
export interface SlowCount {
  readonly overMs: number
  readonly inclusive: boolean
  readonly served: number
}

/** Values of a rank and its neighbours, ascending. */
interface Stretch {
  valueNs: number
  readonly count: number
}

/** As LatencyHistogram, with which these must merge. */
function emptyHistogram(): JsHistogram {
  const histogram = build({
    bitBucketSize: 64,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2,
    numberOfSignificantValueDigits: 3,
  })
  if (histogram instanceof JsHistogram) return histogram
  throw new TypeError('histograms are expected to be of JavaScript')
}

/** Samples between two neighbouring percentiles are put on a straight line, on so many places at most. */
const placesBetween = 16

/**
 * A histogram of the durations that a grid of percentiles sums up, in nanoseconds, base64. A percentile of it is right
 * to the distance of neighbouring percentiles in the grid; the shares beyond the bounds in `slow` are exact, as long as
 * bounds are 0.1 % apart.
 */
export function histogramOf(
  { count, ms }: SummaryGrid,
  percentiles: readonly number[],
  slow: readonly SlowCount[],
): string {
  const histogram = emptyHistogram()
  const stretches = exactAt(slow, stretchesOf(count, ms, percentiles), histogram)
  for (const { valueNs, count: samples } of stretches) {
    if (samples > 0) histogram.recordValueWithCount(Math.max(0, Math.round(valueNs)), samples)
  }
  return encodeIntoCompressedBase64(histogram)
}

/** The samples by rank: k6 interpolates, so that the percentage p is at the rank p / 100 × (count − 1). */
function stretchesOf(
  count: number,
  ms: readonly number[],
  percentiles: readonly number[],
): readonly Stretch[] {
  const stretches: Stretch[] = []
  const valueAt = (rank: number): number => {
    const percent = count === 1 ? 0 : (rank / (count - 1)) * 100
    const above = Math.max(
      1,
      percentiles.findIndex((each) => each >= percent),
    )
    const [p0 = 0, p1 = 100] = [percentiles[above - 1], percentiles[above]]
    const [v0 = 0, v1 = 0] = [ms[above - 1], ms[above]]
    return (v0 + (v1 - v0) * Math.min(1, Math.max(0, (percent - p0) / (p1 - p0)))) * 1e6
  }
  // At most some thousand places, whatever the number of samples.
  const places = Math.min(count, percentiles.length * placesBetween)
  let from = 0
  for (let place = 0; place < places; place++) {
    const to = Math.round(((place + 1) * count) / places)
    stretches.push({ valueNs: valueAt((from + to - 1) / 2), count: to - from })
    from = to
  }
  return stretches
}

/** The same samples, with as many beyond every bound as were counted there. */
function exactAt(
  slow: readonly SlowCount[],
  stretches: readonly Stretch[],
  histogram: JsHistogram,
): readonly Stretch[] {
  let exact = [...stretches]
  for (const { overMs, inclusive, served } of slow.toSorted((a, b) => a.overMs - b.overMs)) {
    const boundNs = Math.round(overMs * 1e6)
    // Readers see a bucket as its upper end.
    const below = histogram.lowestEquivalentValue(boundNs) - 1
    const beyond = inclusive ? boundNs : histogram.highestEquivalentValue(boundNs) + 1
    const [fast, late] = splitBefore(exact, served)
    exact = [
      ...fast.map(({ valueNs, count }) => ({ valueNs: Math.min(valueNs, below), count })),
      ...late.map(({ valueNs, count }) => ({ valueNs: Math.max(valueNs, beyond), count })),
    ]
  }
  return exact
}

/** The stretches before the last `samples`, and those of the last `samples`. */
function splitBefore(
  stretches: readonly Stretch[],
  samples: number,
): readonly [readonly Stretch[], readonly Stretch[]] {
  let left = stretches.reduce((sum, { count }) => sum + count, 0) - samples
  const before: Stretch[] = []
  const after: Stretch[] = []
  for (const { valueNs, count } of stretches) {
    const taken = Math.min(Math.max(left, 0), count)
    if (taken > 0) before.push({ valueNs, count: taken })
    if (count > taken) after.push({ valueNs, count: count - taken })
    left -= taken
  }
  return [before, after]
}
