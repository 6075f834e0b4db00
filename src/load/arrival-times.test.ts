import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { levelAt, type PlannedStage } from '../core/load-stages.ts'
import { arrivalTimes, type ArrivalPlan } from './arrival-times.ts'

const hold = (seconds: number, level = 1): PlannedStage => ({ seconds, fromLevel: level, toLevel: level })

const planOf = (
  stages: readonly PlannedStage[],
  ratePerSec: number,
  rest?: Partial<ArrivalPlan>,
): ArrivalPlan => ({
  stages,
  ratePerSec,
  spacing: 'uniform',
  seed: 1,
  maxRequests: 1e9,
  ...rest,
})

function timesOf(plan: ArrivalPlan, first = 0, stride = 1): readonly number[] {
  const next = arrivalTimes(plan, first, stride)
  const times: number[] = []
  for (let time = next(); time !== undefined; time = next()) times.push(time)
  return times
}

/** Stages that follow one another without a jump, as profiles make them, and some with jumps. */
const stages = fc.array(
  fc.record({
    seconds: fc.integer({ min: 1, max: 20 }).map((tenths) => tenths / 10),
    fromLevel: fc.integer({ min: 0, max: 4 }).map((quarters) => quarters / 4),
    toLevel: fc.integer({ min: 0, max: 4 }).map((quarters) => quarters / 4),
  }),
  { minLength: 1, maxLength: 5 },
)
const plans = fc.record({
  stages,
  ratePerSec: fc.integer({ min: 1, max: 300 }),
  spacing: fc.constantFrom('uniform' as const, 'poisson' as const),
  seed: fc.integer({ min: 0, max: 0xffff_ffff }),
  maxRequests: fc.constantFrom(50, 1e9),
})

/** Arrivals that the stages bring up to a moment, by adding up small steps. */
function broughtBy(plan: ArrivalPlan, seconds: number): number {
  const steps = 20_000
  let sum = 0
  for (let step = 0; step < steps; step += 1) {
    sum += (levelAt(plan.stages, ((step + 0.5) / steps) * seconds) * plan.ratePerSec * seconds) / steps
  }
  return sum
}

describe('uniform arrivals', () => {
  test('of a constant rate are equally far apart and end with the stage', () => {
    const times = timesOf(planOf([hold(2)], 500))
    expect(times).toHaveLength(1000)
    expect(times.slice(0, 3)).toEqual([0, 2e6, 4e6])
    expect(times.at(-1)).toBe(1_998_000_000)
  })

  test('of a ramp come as the area below it grows: the n-th at √(2n/slope)', () => {
    const times = timesOf(planOf([{ seconds: 10, fromLevel: 0, toLevel: 1 }], 100))
    expect(times).toHaveLength(500)
    times.forEach((time, n) => expect(time).toBe(Math.round(Math.sqrt((2 * n) / 10) * 1e9)))
  })

  test('leave out stages at level 0', () => {
    expect(timesOf(planOf([hold(1), hold(5, 0), hold(1)], 2))).toEqual([0, 0.5e9, 6e9, 6.5e9])
  })

  test('have the n-th where the stages have brought n, whatever the stages are', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const uniform = { ...plan, spacing: 'uniform' as const }
        const times = timesOf(uniform)
        for (const n of [1, Math.floor(times.length / 2), times.length - 1]) {
          if (n < 1 || n >= times.length) continue
          const slack = 0.01 + (5 * plan.ratePerSec) / 20_000
          expect(Math.abs(broughtBy(uniform, times[n]! / 1e9) - n)).toBeLessThan(slack)
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('Poisson arrivals', () => {
  const plan = planOf([hold(200)], 100, { spacing: 'poisson', seed: 7 })
  const times = timesOf(plan)

  test('come at the rate asked for, give or take what chance allows', () => {
    // Four standard deviations of a Poisson count.
    expect(Math.abs(times.length - 20_000)).toBeLessThan(4 * Math.sqrt(20_000))
  })

  test('have exponential distances: a share of 1/e is longer than the mean', () => {
    const gaps = times.slice(1).map((time, n) => time - times[n]!)
    const long = gaps.filter((gap) => gap > 1e9 / 100).length / gaps.length
    expect(Math.abs(long - Math.exp(-1))).toBeLessThan(0.015)
  })

  test('are the same for the same seed, and others for another', () => {
    expect(timesOf(plan)).toEqual(times)
    expect(timesOf({ ...plan, seed: 8 }).slice(0, 5)).not.toEqual(times.slice(0, 5))
  })
})

describe('every schedule', () => {
  test('never goes back, stays within the stages and within the requests allowed', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const times = timesOf(plan)
        const endNs = plan.stages.reduce((sum, { seconds }) => sum + seconds, 0) * 1e9
        expect(times).toEqual(times.toSorted((a, b) => a - b))
        expect(times.every((time) => Number.isInteger(time) && time >= 0 && time <= endNs)).toBe(true)
        expect(times.length).toBeLessThanOrEqual(plan.maxRequests)
      }),
    )
  })

  test('is shared by any number of senders without a gap or an overlap', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 5 }), (plan, senders) => {
        const parts = Array.from({ length: senders }, (_, first) => timesOf(plan, first, senders))
        const merged = timesOf(plan).map((_, n) => parts[n % senders]![Math.floor(n / senders)])
        expect(merged).toEqual(timesOf(plan))
        expect(parts.flat()).toHaveLength(merged.length)
      }),
    )
  })
})
