import { plannedArrivals, type PlannedStage } from '../core/load-stages.ts'
import { streamKey, unit } from '../random/random.ts'
import type { LoadPlan } from './load-plan.ts'

/** What arrivals depend on. */
export interface ArrivalPlan extends Pick<LoadPlan, 'stages' | 'seed' | 'maxRequests'> {
  readonly ratePerSec: number
  readonly spacing: 'uniform' | 'poisson'
}

/** Rounding must not add an arrival at the very end, nor put one into a pause. */
const tolerance = 1e-6

/**
 * Inverse of the cumulative rate: a function from a number of expected arrivals to the moment, in seconds, at which the
 * stages have brought so many. Numbers must not fall from call to call.
 */
function momentOf(stages: readonly PlannedStage[], ratePerSec: number): (arrivals: number) => number {
  let current = 0
  let arrivalsBefore = 0
  let secondsBefore = 0
  return (arrivals) => {
    for (;;) {
      const stage = stages[current]
      if (stage === undefined) return secondsBefore
      const brings = plannedArrivals(ratePerSec, [stage])
      const wanted = arrivals - arrivalsBefore
      if (wanted < brings - tolerance) return secondsBefore + secondsInto(stage, ratePerSec, wanted)
      current += 1
      arrivalsBefore += brings
      secondsBefore += stage.seconds
    }
  }
}

/** Solves rate·t + slope·t²/2 = arrivals, in the form that loses no digits where the slope is small. */
function secondsInto(
  { seconds, fromLevel, toLevel }: PlannedStage,
  ratePerSec: number,
  arrivals: number,
): number {
  if (arrivals <= 0 && fromLevel > 0) return 0
  const rate = fromLevel * ratePerSec
  const slope = ((toLevel - fromLevel) * ratePerSec) / seconds
  const root = Math.sqrt(Math.max(0, rate * rate + 2 * slope * arrivals))
  const sum = rate + root
  return sum === 0 ? 0 : Math.min(seconds, (2 * arrivals) / sum)
}

/**
 * The intended starts of arrivals `first`, `first + stride`, … in nanoseconds since the load began; `undefined` behind
 * the last one. Uniform arrivals are equally far apart in the cumulative rate; Poisson arrivals have independent
 * exponential distances in it, by the seed (an inhomogeneous Poisson process, by inversion: Çinlar 1975).
 */
export function arrivalTimes(plan: ArrivalPlan, first: number, stride: number): () => number | undefined {
  const { stages, ratePerSec, maxRequests } = plan
  const total = plannedArrivals(ratePerSec, stages)
  const moment = momentOf(stages, ratePerSec)
  const placeOf = plan.spacing === 'uniform' ? (index: number) => index : poissonPlaces(plan.seed)
  let index = first
  return () => {
    if (index >= maxRequests) return undefined
    const place = placeOf(index)
    if (place >= total - tolerance) return undefined
    index += stride
    return Math.round(moment(place) * 1e9)
  }
}

/** Places of arrivals in a Poisson process of rate 1, asked for in ascending order. */
function poissonPlaces(seed: number): (index: number) => number {
  const key = streamKey(seed, 'arrivals')
  let place = 0
  let next = 0
  return (index) => {
    for (; next <= index; next += 1) place -= Math.log1p(-unit(key, next))
    return place
  }
}
