import { quantile, sortNumbers, type SortedNumbers } from './quantile.ts'
import type { SampledRound, SampledSlice } from './sampled-slice.ts'

/** What is estimated of a side: a quantile of its latency, or its mean. */
export type Quantity = 'p50' | 'p95' | 'p99' | 'mean'

/**
 * Samples of a side that a round needs before the quantity is estimated at all. With fewer, tails are short of samples:
 * at 400 a 95th percentile rests on 20 samples beyond it. The simulation of the estimators shows bias and coverage there.
 */
export const fewestSamples: Readonly<Record<Quantity, number>> = { p50: 4, mean: 4, p95: 400, p99: 2000 }

/** Samples of a side that a level is taken from: the median of fewer would be noise that levelling adds to the tail. */
const unitSamples = 100

/** Share of a round that is kept: the rest, with the highest levels, is what the machine did meanwhile. */
const quietShare = 0.8

const probabilityOf = { p50: 0.5, p95: 0.95, p99: 0.99 } as const

/** A stretch of a round: slices of every side, back to back. */
interface Stretch {
  readonly level: number
  /** Samples of each side, in nanoseconds. */
  readonly sides: readonly Float64Array[]
}

/** Levelled samples of the sides of a round, and the level that they are relative to. */
export interface LevelledRound {
  readonly round: number
  /** Geometric mean of the levels that were kept, in nanoseconds. */
  readonly levelNs: number
  /** By side: durations divided by the level of their stretch, ascending. */
  readonly sides: readonly SortedNumbers[]
}

/**
 * Levels a round of one side, or of two sides that ran in pairs, so that a quantile of what is left belongs to the sides
 * and not to the machine: slices are joined until every side has 100 samples; each such unit is divided by its common
 * level, the geometric mean of the sides' medians; the quietest 80 % of units are kept and pooled. Both sides are treated
 * alike, so that equal sides stay equal whatever the machine does.
 *
 * Source: comparison of rules on simulated and recorded rounds, `reports/validation/estimators.md`.
 * @param sides slices of the same round; of two sides only blocks that both have count
 * @returns undefined when there is nothing to level
 */
export function levelRound(
  round: number,
  sides: readonly (readonly SampledSlice[])[],
): LevelledRound | undefined {
  const units = joinedUnits(quietStretches(stretchesOf(sides)))
  if (units.length === 0) return undefined
  const logs = units.map(({ level }) => Math.log(level))
  const levelNs = Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length)
  return { round, levelNs, sides: sides.map((_, side) => pooled(units, side)) }
}

/** The quantity of a side of a levelled round, in units of its level; undefined where too few samples were kept. */
export function levelledQuantity(sorted: SortedNumbers, quantity: Quantity): number | undefined {
  if (sorted.length < fewestSamples[quantity] * quietShare) return undefined
  if (quantity === 'mean') return sorted.reduce((sum, value) => sum + value, 0) / sorted.length
  return quantile(sorted, probabilityOf[quantity])
}

/** One slice of every side, of the same block; in the order in which they ran. */
function stretchesOf(sides: readonly (readonly SampledSlice[])[]): readonly Stretch[] {
  const [first = [], ...others] = sides.map(
    (slices) => new Map(slices.map((slice) => [slice.block, slice.sortedNs])),
  )
  return [...first]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([block, sortedNs]) => {
      const partners = others.map((blocks) => blocks.get(block))
      return partners.some((partner) => partner === undefined || partner.length === 0)
        ? []
        : [stretchOf([[sortedNs], ...(partners as Float64Array[]).map((samples) => [samples])])]
    })
}

/**
 * Without the loudest stretches, at most one in five: those whose level is beyond what the others differ by, and beyond
 * 10 %. Dropping more than that would select by chance, and stretches whose median is low by chance hold fewer slow calls.
 */
function quietStretches(stretches: readonly Stretch[]): readonly Stretch[] {
  const logs = sortNumbers(stretches.map(({ level }) => Math.log(level)))
  if (logs.length === 0) return []
  const middle = quantile(logs, 0.5)
  const spread = 1.4826 * quantile(sortNumbers(logs.map((log) => Math.abs(log - middle))), 0.5)
  const loud = middle + Math.max(Math.log(1.1), 3 * spread)
  const mostDropped = logs.length - Math.max(1, Math.ceil(logs.length * quietShare - 1e-9))
  const dropped = stretches
    .toSorted((one, other) => other.level - one.level)
    .slice(0, mostDropped)
    .filter(({ level }) => Math.log(level) > loud)
  return stretches.filter((stretch) => !dropped.includes(stretch))
}

/** Neighbours joined until every side has the samples that a level needs. What is left over joins the last. */
function joinedUnits(stretches: readonly Stretch[]): readonly Stretch[] {
  const units: Stretch[] = []
  let open: Stretch[] = []
  const close = (): void => {
    if (open.length > 0)
      units.push(stretchOf(open[0]!.sides.map((_, side) => open.map((each) => each.sides[side]!))))
    open = []
  }
  for (const stretch of stretches) {
    open.push(stretch)
    if (stretch.sides.every((_, side) => lengthOf(open.map((each) => each.sides[side]!)) >= unitSamples))
      close()
  }
  const last = open.length > 0 ? units.pop() : undefined
  if (last !== undefined) open.unshift(last)
  close()
  return units
}

const lengthOf = (parts: readonly Float64Array[]): number =>
  parts.reduce((sum, { length }) => sum + length, 0)

function stretchOf(parts: readonly (readonly Float64Array[])[]): Stretch {
  const sides = parts.map(joined)
  const logs = sides.map((samples) => Math.log(Math.max(medianOf(samples), 1)))
  return { sides, level: Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length) }
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only
  const all = new Float64Array(lengthOf(parts))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all.sort()
}

const medianOf = (sorted: Float64Array): number =>
  sorted.length === 0 ? 0 : quantile(sorted as unknown as SortedNumbers, 0.5)

function pooled(units: readonly Stretch[], side: number): SortedNumbers {
  const all = new Float64Array(units.reduce((sum, { sides }) => sum + (sides[side]?.length ?? 0), 0))
  let at = 0
  for (const { sides, level } of units) for (const value of sides[side] ?? []) all[at++] = value / level
  return all.sort() as unknown as SortedNumbers
}

/** Rounds of one side, levelled by themselves. */
export const levelRounds = (rounds: readonly SampledRound[]): readonly LevelledRound[] =>
  rounds.flatMap(({ round, slices }) => levelRound(round, [slices]) ?? [])
