import type { Condition } from './cells.ts'
import type { CalibrationRecord, CampaignRecord } from './records.ts'

/** What a slowdown was to do to the 95th percentile. */
const target = Math.log(1.1)

/** Sizes that an idle machine made about 10 % slower; where the search began. */
const firstSizes: Readonly<Record<CalibrationRecord['slowdown'], Readonly<Record<string, number>>>> = {
  delay: { Q1: 0.09, Q2: 0.09, Q3: 0.09 },
  sql: { Q1: 450, Q2: 100, Q3: 75 },
}

/** The calibrations of a slowdown in a condition: two sizes far apart, or none. */
export const calibrationsOf = (
  records: readonly CampaignRecord[],
  condition: Condition,
  slowdown: CalibrationRecord['slowdown'],
): readonly CalibrationRecord[] =>
  records.filter(
    (record): record is CalibrationRecord =>
      record.kind === 'calibration' && record.condition === condition && record.slowdown === slowdown,
  )

/**
 * The size that was to give +10 % at the 95th percentile: on the line through what two calibrations measured, since a
 * slowdown costs something by itself beside what its size costs. NaN with fewer.
 */
export function slowdownSize(
  calibrations: readonly CalibrationRecord[],
  slowdown: CalibrationRecord['slowdown'],
  operation: string,
): number {
  const [low, high] = calibrations.flatMap(({ operations }) =>
    operations.filter(({ id }) => id === operation),
  )
  if (low === undefined || high === undefined) return NaN
  const first = firstSizes[slowdown][operation] ?? 0
  const slope = Math.log(high.ratio / low.ratio) / (high.size - low.size)
  const meanSize = (low.size + high.size) / 2
  const meanEffect = Math.log(low.ratio * high.ratio) / 2
  // A line that noise has laid flat must not ask for an endless slowdown, nor for none.
  const size = meanSize + (target - meanEffect) / Math.max(slope, target / first / 4)
  return Math.min(Math.max(size, first * 0.75), first * 1.5)
}
