import type { UsageSample } from '../rivals/timed-process.ts'

/** What a sender did and used in the middle of its run, without start, end and warm-up. */
export interface SteadyWindow {
  readonly requestsPerSec: number
  /** Processors kept busy. */
  readonly cores: number
  readonly requestsPerCpuSecond: number
}

const warmUpMs = 2000
const endMs = 300

/** Between the first sample of its use 2 s after the first arrival, and the last before the end of the load. */
export function steadyWindow(
  arrivalsMs: Float64Array,
  samples: readonly UsageSample[],
  seconds: number,
): SteadyWindow {
  const startMs = arrivalsMs[0] ?? NaN
  const within = samples.filter(
    ({ atMs }) => atMs >= startMs + warmUpMs && atMs <= startMs + seconds * 1000 - endMs,
  )
  const [first, last] = [within[0], within.at(-1)]
  if (first === undefined || last === undefined || first === last) {
    return { requestsPerSec: NaN, cores: NaN, requestsPerCpuSecond: NaN }
  }
  const requests = arrivalsMs.filter((ms) => ms > first.atMs && ms <= last.atMs).length
  const lengthSeconds = (last.atMs - first.atMs) / 1000
  const cpuSeconds = last.cpuSeconds - first.cpuSeconds
  return {
    requestsPerSec: requests / lengthSeconds,
    cores: cpuSeconds / lengthSeconds,
    requestsPerCpuSecond: requests / cpuSeconds,
  }
}

/**
 * How late requests came to the server, in milliseconds, ascending, when the i-th was due `i / ratePerSec` after the
 * start; the start is taken to be where the most punctual one was not late. Its way to the server is in it.
 */
export function latenessAtServerMs(arrivalsMs: Float64Array, ratePerSec: number): Float64Array {
  const offsetsMs = arrivalsMs.map((ms, i) => ms - (i / ratePerSec) * 1000)
  const startMs = offsetsMs.reduce((least, ms) => Math.min(least, ms), Infinity)
  return offsetsMs.map((ms) => ms - startMs).sort()
}
