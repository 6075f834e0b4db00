import { errorFunction } from 'simple-statistics'
import { randomSequence } from '../../src/random/random.ts'
import type { SampledRound, SampledSlice } from '../../src/stats/sampled-slice.ts'

/** Log-normal latencies of median 1, some of them longer by a factor. */
export interface LatencyKind {
  readonly sigma: number
  /** Of all calls alike: 1.1 is 10 % slower. */
  readonly scale?: number
  /** So many of the calls are so many times as long. */
  readonly slow?: { readonly share: number; readonly factor: number }
}

/** What a candidate is against the baseline. */
export interface LatencyCase {
  readonly name: string
  readonly baseline: LatencyKind
  readonly candidate: LatencyKind
}

const usual: LatencyKind = { sigma: 0.3 }
const slow = (share: number, factor: number): LatencyKind => ({ sigma: 0.3, slow: { share, factor } })

export const latencyCases: readonly LatencyCase[] = [
  ...[0.3, 0.5, 0.8].map((sigma) => ({
    name: `equal sides, σ ${sigma}`,
    baseline: { sigma },
    candidate: { sigma },
  })),
  { name: 'all calls +10 %', baseline: usual, candidate: { sigma: 0.3, scale: 1.1 } },
  { name: '10 % of calls 3×', baseline: usual, candidate: slow(0.1, 3) },
  { name: '8 % of calls 5×', baseline: usual, candidate: slow(0.08, 5) },
  { name: '1 % of calls 30×', baseline: usual, candidate: slow(0.01, 30) },
  { name: 'half the spread', baseline: usual, candidate: { sigma: 0.15 } },
]

/** What the machine does meanwhile, to a tenth of the blocks: both sides meet it. */
export type Burst = 'none' | 'multiply' | 'add' | 'half'
/** How calls of a slice follow each other. */
export type Order = 'independent' | 'autocorrelated' | 'drifting'

export interface RoundShape {
  readonly rounds: number
  readonly blocks: number
  /** Samples a slice: of the baseline, of the candidate. */
  readonly samples: readonly [number, number]
  readonly burst: Burst
  readonly order: Order
}

/** How far rounds, blocks, and slices of one block differ by themselves: standard deviations of logarithms. */
const spreads = { round: 0.05, block: 0.05, slice: 0.02 }
const burstShare = 0.1
const autocorrelation = 0.8
const driftOverRound = 0.3
const unitNs = 1e6

/** Standard normal deviates (Box & Muller 1958). */
export function normalSequence(seed: number): { normal: () => number; uniform: () => number } {
  const uniform = randomSequence(seed)
  let spare: number | undefined
  const normal = (): number => {
    if (spare !== undefined) {
      const kept = spare
      spare = undefined
      return kept
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
  return { normal, uniform }
}

type Chance = ReturnType<typeof normalSequence>

/** Rounds of both sides as a gate would measure them: baseline, candidate. */
export function simulatedRounds(
  { baseline, candidate }: LatencyCase,
  { rounds, blocks, samples, burst, order }: RoundShape,
  chance: Chance,
): readonly [readonly SampledRound[], readonly SampledRound[]] {
  const sides: [SampledRound[], SampledRound[]] = [[], []]
  for (let round = 1; round <= rounds; round++) {
    const roundLevel = Math.exp(spreads.round * chance.normal())
    const slices: [SampledSlice[], SampledSlice[]] = [[], []]
    for (let block = 0; block < blocks; block++) {
      const drift = order === 'drifting' ? Math.exp(driftOverRound * (block / (blocks - 1) - 0.5)) : 1
      const level = unitNs * roundLevel * drift * Math.exp(spreads.block * chance.normal())
      const hit = burst !== 'none' && chance.uniform() < burstShare ? burst : 'none'
      for (const [side, kind] of [baseline, candidate].entries()) {
        const own = level * Math.exp(spreads.slice * chance.normal())
        const count = samples[side === 0 ? 0 : 1]
        slices[side === 0 ? 0 : 1].push({ block, sortedNs: slice(kind, count, own, hit, order, chance) })
      }
    }
    sides[0].push({ round, slices: slices[0] })
    sides[1].push({ round, slices: slices[1] })
  }
  return sides
}

function slice(
  { sigma, scale = 1, slow }: LatencyKind,
  count: number,
  level: number,
  burst: Burst,
  order: Order,
  { normal, uniform }: Chance,
): Float64Array {
  const samples = new Float64Array(count)
  const keep = order === 'autocorrelated' ? autocorrelation : 0
  const fresh = Math.sqrt(1 - keep ** 2)
  let deviate = normal()
  for (let i = 0; i < count; i++) {
    deviate = keep * deviate + fresh * normal()
    const factor = slow !== undefined && uniform() < slow.share ? slow.factor : 1
    const own = scale * factor * Math.exp(sigma * deviate)
    const multiplied = burst === 'multiply' || (burst === 'half' && uniform() < 0.5) ? 3 * own : own
    samples[i] = level * (burst === 'add' ? multiplied + 2 : multiplied)
  }
  return samples.sort()
}

/** The quantile of a kind in nanoseconds, where nothing of the machine is in it; by bisection. */
export function trueQuantileNs({ sigma, scale = 1, slow }: LatencyKind, p: number): number {
  const below = (x: number): number => 0.5 * (1 + errorFunction(Math.log(x) / sigma / Math.SQRT2))
  const share = slow?.share ?? 0
  const distribution = (x: number): number =>
    (1 - share) * below(x / scale) + share * below(x / scale / (slow?.factor ?? 1))
  let [low, high] = [1e-3, 1e3]
  for (let step = 0; step < 80; step++) {
    const middle = Math.sqrt(low * high)
    if (distribution(middle) < p) low = middle
    else high = middle
  }
  return low * unitNs
}
