import { streamKey } from '../../src/random/random.ts'
import { hodgesLehmann } from '../../src/stats/hodges-lehmann.ts'
import { signedRankInterval } from '../../src/stats/signed-rank.ts'
import { estimators, probabilities, type Estimator, type SimulatedQuantile } from './estimators.ts'
import {
  latencyCases,
  normalSequence,
  simulatedRounds,
  trueQuantileNs,
  type Burst,
  type LatencyCase,
  type Order,
  type RoundShape,
} from './latency-cases.ts'

/** One cell of the simulation. */
export interface EstimatorCell {
  readonly latencies: LatencyCase
  readonly shape: RoundShape
  readonly quantiles: readonly SimulatedQuantile[]
}

/** How an estimator did in a cell. */
export interface EstimatorResult {
  readonly latencies: string
  readonly burst: Burst
  readonly order: Order
  /** Samples a round: of the baseline, of the candidate. */
  readonly samples: readonly [number, number]
  readonly quantile: SimulatedQuantile
  readonly estimator: string
  readonly simulations: number
  readonly ratio: Accuracy
  readonly level: Accuracy
}

export interface Accuracy {
  /** Mean of estimate over truth − 1. */
  readonly bias: number
  /** Share of the 95 % intervals that hold the truth. */
  readonly coverage: number
}

const rounds = 8
const bursts: readonly Burst[] = ['none', 'multiply', 'add', 'half']

/** Blocks of a round with so many samples, and samples a slice. */
const shapes = { 400: [8, 50], 1000: [20, 50], 4000: [40, 100] } as const

function cell(
  latencies: LatencyCase,
  samples: keyof typeof shapes,
  burst: Burst,
  order: Order = 'independent',
  baselineShare = 1,
): EstimatorCell {
  const [blocks, each] = shapes[samples]
  return {
    latencies,
    shape: { rounds, blocks, samples: [each * baselineShare, each], burst, order },
    quantiles: samples === 400 ? ['p95'] : samples === 1000 ? ['p50', 'p95'] : ['p95', 'p99'],
  }
}

const named = (...names: readonly string[]): readonly LatencyCase[] =>
  latencyCases.filter(({ name }) => names.includes(name))

/** Every case with every kind of burst; then, of some cases, calls that follow each other, and sides of unequal numbers. */
export function estimatorCells(): readonly EstimatorCell[] {
  const some = named('equal sides, σ 0.3', 'all calls +10 %', '8 % of calls 5×')
  const sizes = [4000, 1000, 400] as const
  return [
    ...sizes.flatMap((samples) =>
      latencyCases.flatMap((latencies) => bursts.map((burst) => cell(latencies, samples, burst))),
    ),
    ...(['autocorrelated', 'drifting'] as const).flatMap((order) =>
      ([4000, 1000] as const).flatMap((samples) =>
        some.flatMap((latencies) =>
          (['none', 'multiply'] as const).map((burst) => cell(latencies, samples, burst, order)),
        ),
      ),
    ),
    ...some.flatMap((latencies) =>
      (['none', 'multiply'] as const).map((burst) => cell(latencies, 1000, burst, 'independent', 4)),
    ),
  ]
}

/** Names a cell among others. */
export const cellName = ({ latencies, shape: { burst, order, samples, blocks } }: EstimatorCell): string =>
  `${latencies.name}, ${samples[0] * blocks} and ${samples[1] * blocks}, burst ${burst}, ${order}`

/** Simulates a cell; the same numbers at every call. */
export function simulateCell(
  { latencies, shape, quantiles }: EstimatorCell,
  simulations: number,
  judged: readonly Estimator[] = estimators,
): readonly EstimatorResult[] {
  const name = cellName({ latencies, shape, quantiles })
  const chance = normalSequence(streamKey(9, 'estimators', name))
  const truths = quantiles.map((quantile) => {
    const candidate = Math.log(trueQuantileNs(latencies.candidate, probabilities[quantile]))
    return { candidate, baseline: Math.log(trueQuantileNs(latencies.baseline, probabilities[quantile])) }
  })
  const tallies = judged.map((estimator) =>
    quantiles.map((quantile) => ({ estimator, quantile, ratio: new Tally(), level: new Tally() })),
  )
  for (let i = 0; i < simulations; i++) {
    const [baseline, candidate] = simulatedRounds(latencies, shape, chance)
    for (const ofEstimator of tallies) {
      const { estimator } = ofEstimator[0] ?? {}
      if (estimator === undefined) continue
      const both = candidate.map((each, round) => estimator.logs([each, baseline[round] ?? each], quantiles))
      const alone = candidate.map((each) => estimator.logs([each], quantiles))
      for (const [place, { ratio, level }] of ofEstimator.entries()) {
        const truth = truths[place] ?? { candidate: 0, baseline: 0 }
        ratio.add(
          both.flatMap((round) => difference(round[place])),
          truth.candidate - truth.baseline,
        )
        level.add(
          alone.flatMap((round) => round[place]?.[0] ?? []),
          truth.candidate,
        )
      }
    }
  }
  const { burst, order, samples, blocks } = shape
  return tallies.flat().map(({ estimator, quantile, ratio, level }) => ({
    latencies: latencies.name,
    burst,
    order,
    samples: [samples[0] * blocks, samples[1] * blocks],
    quantile,
    estimator: estimator.title,
    simulations,
    ratio: ratio.accuracy(),
    level: level.accuracy(),
  }))
}

const difference = (sides: readonly (number | null)[] | undefined): readonly number[] => {
  const [first = null, second = null] = sides ?? []
  return first === null || second === null ? [] : [first - second]
}

class Tally {
  #count = 0
  #bias = 0
  #held = 0

  add(logs: readonly number[], truth: number): void {
    if (logs.length === 0) return
    const estimate = hodgesLehmann(logs)
    const interval = signedRankInterval(logs, 0.95, estimate)
    this.#count++
    this.#bias += Math.exp(estimate - truth) - 1
    if (interval !== undefined && interval.low <= truth && truth <= interval.high) this.#held++
  }

  accuracy(): Accuracy {
    const share = (sum: number): number => Math.round((1e5 * sum) / this.#count) / 1e5
    return { bias: share(this.#bias), coverage: share(this.#held) }
  }
}
