// k6 imports this file too: so it depends on nothing.

/** A stretch of the load: from where the last one ended, in a straight line to `level`. */
export interface LoadStage {
  /** How long it takes; `--duration` gives the longest stage what the others leave. */
  readonly seconds: number
  /** Share of the rate or the users that the command line asks for, 0 to 1; the first stage starts from 0. */
  readonly level: number
}

/** A stretch of a load in which its level changes in a straight line. */
export interface PlannedStage {
  readonly seconds: number
  readonly fromLevel: number
  readonly toLevel: number
}

interface Staged {
  readonly stages: readonly PlannedStage[]
}

/** The stages of a profile that names none. */
export const defaultStages: readonly LoadStage[] = [
  { seconds: 3, level: 1 },
  { seconds: 27, level: 1 },
]

/**
 * The stages of a profile, each from the level where the last one ended. Where a length is asked for, the longest stage,
 * which is measured, gets what the others leave, and they shrink to half of it at most. What is before it is warm-up.
 */
export function planStages(
  stages: readonly LoadStage[],
  askedSeconds: number | undefined,
): Staged & { readonly warmUpSeconds: number } {
  const lengths = stages.map(({ seconds }) => seconds)
  const longest = lengths.indexOf(Math.max(...lengths))
  const all = lengths.reduce((sum, seconds) => sum + seconds, 0)
  const others = all - (lengths[longest] ?? 0)
  const total = askedSeconds ?? all
  const shrink = askedSeconds === undefined || others === 0 ? 1 : Math.min(1, total / 2 / others)
  const planned = stages.map(({ seconds, level }, i) => ({
    seconds: i === longest ? total - others * shrink : seconds * shrink,
    fromLevel: stages[i - 1]?.level ?? 0,
    toLevel: level,
  }))
  return { stages: planned, warmUpSeconds: plannedSeconds({ stages: planned.slice(0, longest) }) }
}

/** Length of a load in seconds, warm-up included. */
export const plannedSeconds = ({ stages }: Staged): number =>
  stages.reduce((sum, { seconds }) => sum + seconds, 0)

/** Level (share of the rate or users asked for) at a moment; 0 behind the end. */
export function levelAt(stages: readonly PlannedStage[], second: number): number {
  let left = second
  for (const { seconds, fromLevel, toLevel } of stages) {
    if (left < seconds) return fromLevel + (toLevel - fromLevel) * (left / seconds)
    left -= seconds
  }
  return 0
}

/** Arrivals that a rate and its stages bring between two moments, unrounded: the integral of the rate. */
export function plannedArrivals(
  ratePerSec: number,
  stages: readonly PlannedStage[],
  { fromSecond = 0, toSecond = Infinity }: { readonly fromSecond?: number; readonly toSecond?: number } = {},
): number {
  let begin = 0
  let arrivals = 0
  for (const { seconds, fromLevel, toLevel } of stages) {
    const from = Math.max(fromSecond - begin, 0)
    const to = Math.min(toSecond - begin, seconds)
    if (to > from) {
      const level = (at: number): number => fromLevel + ((toLevel - fromLevel) * at) / seconds
      arrivals += (ratePerSec * (to - from) * (level(from) + level(to))) / 2
    }
    begin += seconds
  }
  return arrivals
}
