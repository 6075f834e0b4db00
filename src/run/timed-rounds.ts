import { decodeSamples } from '../stats/encoded-samples.ts'
import type { SampledRound } from '../stats/sampled-slice.ts'
import type { ScenarioRun, Timing } from './run.ts'

export const findTiming = (scenario: ScenarioRun, operation: string, variant: string): Timing | undefined =>
  scenario.timings.find((timing) => timing.operation === operation && timing.variant === variant)

const decoded = new WeakMap<Timing, readonly SampledRound[]>()

/** The samples of a timing, read once. */
export function sampledRounds(timing: Timing): readonly SampledRound[] {
  const known = decoded.get(timing)
  if (known !== undefined) return known
  const rounds = timing.rounds.map(({ round, slices }) => ({
    round,
    slices: slices.map(({ block, samplesNs }) => ({ block, sortedNs: decodeSamples(samplesNs) })),
  }))
  decoded.set(timing, rounds)
  return rounds
}

/** Timed samples altogether. */
export const sampleCount = (timing: Timing): number =>
  sampledRounds(timing).reduce(
    (sum, { slices }) => sum + slices.reduce((inRound, { sortedNs }) => inRound + sortedNs.length, 0),
    0,
  )

/** Time of all samples together, in nanoseconds. */
export const timedNs = (timing: Timing): number =>
  sampledRounds(timing)
    .flatMap(({ slices }) => slices)
    .reduce((sum, { sortedNs }) => sum + sortedNs.reduce((inSlice, ns) => inSlice + ns, 0), 0)
