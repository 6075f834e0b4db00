import {
  atInfinity,
  decodeLatencies,
  mergeLatencies,
  type LatencyCounts,
} from '../../stats/latency-counts.ts'
import type { LoadRun, LoadSlice } from './load-run.ts'

/** Latencies of one slice. */
interface Latencies {
  /** All requests, failed ones with the time after which they failed. */
  readonly recorded: LatencyCounts
  /** All requests, failed ones as `Infinity`: what was not served was not served in time. */
  readonly judged: LatencyCounts
}

/** A slice of a load run, decoded. */
export interface LoadSample {
  readonly second: number
  readonly op: string
  readonly isMeasured: boolean
  readonly requests: number
  readonly failed: number
  readonly service: Latencies
  /** Null where the tool knows no intended start. */
  readonly response: Latencies | null
}

/** Which of the two latencies: from the intended start, or from sending. */
export type LatencyKind = 'response' | 'service'

/** Decoding takes up to a millisecond a slice, and a run is read, judged and reported. */
const decoded = new WeakMap<LoadSlice, LoadSample>()

/**
 * The slices of a run, decoded.
 * @throws RangeError on a histogram that is none
 */
export const loadSamples = ({ measurement }: Pick<LoadRun, 'measurement'>): readonly LoadSample[] =>
  samplesOfSlices(measurement.slices)

/** The slices of a load that may still run, decoded; each once. Throws as `loadSamples`. */
export const samplesOfSlices = (slices: readonly LoadSlice[]): readonly LoadSample[] =>
  slices.map((slice, i) => {
    const known = decoded.get(slice)
    if (known !== undefined) return known
    try {
      const sample = decodeSlice(slice)
      decoded.set(slice, sample)
      return sample
    } catch (error) {
      const place = `measurement.slices.${i}, ${slice.op} in second ${slice.second}`
      throw new RangeError(`${place}: its histogram cannot be read`, { cause: error })
    }
  })

function decodeSlice(slice: LoadSlice): LoadSample {
  const { second, op, phase, requests, failed, failures } = slice
  const latencies = (all: string, part: string | null | undefined): Latencies => {
    const recorded = decodeLatencies(all)
    if (failed === 0) return { recorded, judged: recorded }
    return { recorded, judged: atInfinity(recorded, part ? decodeLatencies(part) : failed) }
  }
  return {
    second,
    op,
    isMeasured: phase === 'measured',
    requests,
    failed,
    service: latencies(slice.service, failures?.service),
    response: slice.response === null ? null : latencies(slice.response, failures?.response),
  }
}

export const requestsIn = (samples: readonly LoadSample[]): number =>
  samples.reduce((sum, { requests }) => sum + requests, 0)

export const failedIn = (samples: readonly LoadSample[]): number =>
  samples.reduce((sum, { failed }) => sum + failed, 0)

/** True when every slice knows its response times. */
export const knowResponse = (samples: readonly LoadSample[]): boolean =>
  samples.length > 0 && samples.every(({ response }) => response !== null)

/** Latencies of many slices together. Service time stands in where the response time is not known. */
export const latenciesOf = (
  samples: readonly LoadSample[],
  kind: LatencyKind,
  as: 'recorded' | 'judged' = 'judged',
): LatencyCounts =>
  mergeLatencies(
    samples.map((sample) => (kind === 'response' ? (sample.response ?? sample.service) : sample.service)[as]),
  )
