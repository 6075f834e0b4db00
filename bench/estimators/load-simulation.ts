import type { LatencyCounts } from '../../src/stats/latency-counts.ts'
import { hash32 } from '../../src/random/random.ts'
import { mergeLatencies } from '../../src/stats/latency-counts.ts'
import { boundQuantile, quantileDispersion } from '../../src/run/load/load-quantile.ts'
import type { Dispersion } from '../../src/stats/windowed-quantile.ts'

/** Latencies of one load after another, in milliseconds; `place` runs from 0 to 1 over the load. */
export interface LatencyCase {
  readonly title: string
  readonly begin: (noise: Noise, ratePerSec: number) => (place: number) => number
}

/** Seeded randomness: the same numbers at every call of the command. */
export class Noise {
  #calls = 0
  readonly #seed: number

  constructor(seed: number) {
    this.#seed = seed
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return hash32(this.#seed, this.#calls++) / 2 ** 32
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }
}

const logNormal = (sigma: number): LatencyCase => ({
  title: `log-normal, σ ${sigma}`,
  begin: (noise) => () => 20 * Math.exp(sigma * noise.normal()),
})

const slowPart = (share: number, times: number): LatencyCase => ({
  title: `${share * 100} % at ${times}×`,
  begin: (noise) => () => 20 * Math.exp(0.3 * noise.normal()) * (noise.uniform() < share ? times : 1),
})

/** The logarithm of the level is an AR(1) process from request to request, forgetting over so many seconds. */
const autocorrelated = (seconds: number, slowSigma: number, fastSigma: number): LatencyCase => ({
  title: `level correlated over ${seconds} s`,
  begin: (noise, ratePerSec) => {
    const kept = Math.exp(-1 / (seconds * ratePerSec))
    let level = noise.normal()
    return () => {
      level = kept * level + Math.sqrt(1 - kept ** 2) * noise.normal()
      return 20 * Math.exp(slowSigma * level + fastSigma * noise.normal())
    }
  },
})

const stalls: LatencyCase = {
  title: 'stalls of 100 ms, one a second',
  begin: (noise, ratePerSec) => {
    let left = 0
    return () => {
      if (left <= 0 && noise.uniform() < 1 / ratePerSec) left = ratePerSec * 0.1
      left -= 1
      return 20 * Math.exp(0.3 * noise.normal()) * (left > 0 ? 3 : 1)
    }
  },
}

const drift = (times: number): LatencyCase => ({
  title: `drift to ${times}×`,
  begin: (noise) => (place) => 20 * Math.exp(0.4 * noise.normal()) * times ** place,
})

export const latencyCases: readonly LatencyCase[] = [
  logNormal(0.3),
  logNormal(0.5),
  logNormal(0.8),
  slowPart(0.1, 3),
  slowPart(0.08, 5),
  slowPart(0.01, 30),
  {
    title: 'narrower tail',
    begin: (noise) => () => {
      const z = noise.normal()
      return 20 * Math.exp(z > 0 ? 0.15 * z : 0.3 * z)
    },
  },
  autocorrelated(0.02, 0.3, 0.4),
  autocorrelated(0.05, 0.5, 0),
  stalls,
  autocorrelated(2, 0.2, 0.4),
  drift(1.3),
  drift(2),
]

/** A load to simulate: seconds that are measured, and requests in each. */
export interface SimulatedLoad {
  readonly seconds: number
  readonly ratePerSec: number
}

/** Histograms of each second, with a precision of 0.1 % as in a Run. */
export function simulateLoad(
  { begin }: LatencyCase,
  { seconds, ratePerSec }: SimulatedLoad,
  noise: Noise,
): readonly LatencyCounts[] {
  const next = begin(noise, ratePerSec)
  return Array.from({ length: seconds }, (_, second) => {
    const counts = new Map<number, number>()
    for (let i = 0; i < ratePerSec; i++) {
      const bucket = Math.round(Math.log(next((second + i / ratePerSec) / seconds)) * 1000)
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
    }
    const buckets = [...counts.keys()].sort((a, b) => a - b)
    return {
      valuesNs: buckets.map((bucket) => Math.exp(bucket / 1000) * 1e6),
      counts: buckets.map((bucket) => counts.get(bucket) ?? 0),
      samples: ratePerSec,
    }
  })
}

/** What many loads of one case say of one quantile. Shares are of all loads, or of those with an interval. */
export interface CaseResult {
  readonly title: string
  readonly bias: number
  /** Share of intervals that hold the truth; NaN where none was given. */
  readonly covered: number
  /** Mean width as a share of the truth. */
  readonly width: number
  /** Share of loads that have no interval: they swing over many seconds, or have fewer than ten. */
  readonly refused: number
  /** Share of those whose cautious bounds hold the truth. */
  readonly refusedCovered: number
}

/** How the dispersion of a simulated load is estimated; another one than ours shows what the simulation finds. */
export type Estimate = (seconds: readonly LatencyCounts[], q: number) => Dispersion

/** Simulates loads of one case and judges the quantiles of each against that of a very long one. */
export function simulateCase(
  one: LatencyCase,
  load: SimulatedLoad,
  quantiles: readonly number[],
  { loads, seed, estimate = quantileDispersion }: { loads: number; seed: number; estimate?: Estimate },
): readonly CaseResult[] {
  const truths = trueQuantiles(one, load, quantiles, seed)
  const tallies = quantiles.map(() => ({ bias: 0, held: 0, given: 0, width: 0, refusedHeld: 0 }))
  for (let run = 0; run < loads; run++) {
    const seconds = simulateLoad(one, load, new Noise(hash32(seed, run + 1)))
    const all = mergeLatencies(seconds)
    quantiles.forEach((q, i) => {
      const [tally, truth] = [tallies[i]!, truths[i]!]
      const dispersion = estimate(seconds, q)
      const { valueNs, lowNs, highNs } = boundQuantile(all, q, dispersion)
      const holds = lowNs <= truth * 1.0005 && truth * 0.9995 <= highNs
      tally.bias += valueNs / truth - 1
      if (dispersion.kind === 'refused') tally.refusedHeld += Number(holds)
      else {
        tally.given += 1
        tally.held += Number(holds)
        tally.width += Math.min(highNs, all.valuesNs.at(-1) ?? 0) / truth - lowNs / truth
      }
    })
  }
  return tallies.map(({ bias, held, given, width, refusedHeld }) => ({
    title: one.title,
    bias: bias / loads,
    covered: held / given,
    width: width / given,
    refused: 1 - given / loads,
    refusedCovered: refusedHeld / (loads - given),
  }))
}

const truthSamples = 1_000_000

/** Quantiles of a million requests of as many loads as that takes: drifts have their truth over a whole load. */
function trueQuantiles(
  one: LatencyCase,
  load: SimulatedLoad,
  quantiles: readonly number[],
  seed: number,
): readonly number[] {
  const noise = new Noise(hash32(seed, 0))
  const perLoad = load.seconds * load.ratePerSec
  const values = new Float64Array(Math.ceil(truthSamples / perLoad) * perLoad)
  for (let start = 0; start < values.length; start += perLoad) {
    const next = one.begin(noise, load.ratePerSec)
    for (let i = 0; i < perLoad; i++) values[start + i] = next(i / perLoad) * 1e6
  }
  values.sort()
  return quantiles.map((q) => values[Math.ceil(q * values.length) - 1] ?? NaN)
}
