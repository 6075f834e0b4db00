import { fewestSamples, type Quantity } from '../../stats/levelled-round.ts'
import { leadInMs } from '../experiment/cut-operation.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'
import { sideKeys, type Medians, type RoundSpending } from '../experiment/plan-round.ts'

/** How a gate spends a round. */
export interface GateSampling {
  /** Time of an operation on both sides in a round, at least; a slow one gets the samples that its quantile needs. */
  readonly operationMs: number
  readonly quantile: Extract<Quantity, 'p50' | 'p95'>
}

export const defaultOperationMs = 1000

/** Short, so that both sides of a pair meet the same, and that there are enough pairs to count stalls in. */
export const gateSliceMs = 15
const warmupMs = 60
const longestRound = 1.7
/** Where a quantile is short of samples, a busy machine has more time: without them, the whole gate would say nothing. */
const longestStarvedRound = 5
/** A few more samples than the quantile needs: a busy machine does not get all of them done. */
const margin = 1.15
/** Nobody waits longer for one side of one operation in one round: with fewer samples the gate is invalid, and says so. */
const longestSideMs = 8000

/** The time of a round of a gate: for every operation on every variant alike. */
export function gateSpending(
  open: readonly DrawnOperation[],
  medians: Medians,
  { operationMs, quantile }: GateSampling,
): RoundSpending {
  // Two sides, and the calls that do not count.
  const leastMs = (operationMs / 2) * (gateSliceMs / (gateSliceMs + leadInMs))
  const times = sideKeys(open).map((key) => {
    const neededMs = ((medians.get(key) ?? 0) * fewestSamples[quantile] * margin) / 1e6
    return [key, Math.max(leastMs, Math.min(neededMs, longestSideMs))] as const
  })
  const isStarved = times.some(([, milliseconds]) => milliseconds > leastMs)
  return {
    times: new Map(times),
    sliceMs: gateSliceMs,
    warmupMs,
    longestRound: isStarved ? longestStarvedRound : longestRound,
  }
}

/** Short rounds before the first: one with cold caches, one that knows a little. */
export const gatePilots: readonly ((open: readonly DrawnOperation[]) => RoundSpending)[] = [
  { milliseconds: 1, warmupMs: 1 },
  { milliseconds: 50, warmupMs: 50 },
].map(({ milliseconds, warmupMs: pilotWarmupMs }) => (open) => ({
  times: new Map(sideKeys(open).map((key) => [key, milliseconds])),
  sliceMs: gateSliceMs,
  warmupMs: pilotWarmupMs,
  longestRound,
}))
