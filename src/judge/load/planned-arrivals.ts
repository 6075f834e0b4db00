import type { LoadSettings } from '../../run/load-run.ts'

/** Arrivals that a rate and its stages ask for between two moments: the integral of the rate. */
export function plannedArrivals(
  ratePerSec: number,
  stages: LoadSettings['stages'],
  fromSecond: number,
  toSecond: number,
): number {
  let begin = 0
  let arrivals = 0
  for (const { seconds, fromLevel, toLevel } of stages) {
    const from = Math.max(fromSecond, begin) - begin
    const to = Math.min(toSecond, begin + seconds) - begin
    if (to > from) {
      const level = (at: number): number => fromLevel + ((toLevel - fromLevel) * at) / seconds
      arrivals += (ratePerSec * (to - from) * (level(from) + level(to))) / 2
    }
    begin += seconds
  }
  return arrivals
}
