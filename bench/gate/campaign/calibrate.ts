import { linearRegression, mean } from 'simple-statistics'
import { gateSides } from '../../../src/run/gate/gate-run.ts'
import { findTiming, sampledRounds } from '../../../src/run/timed-rounds.ts'
import { pairedRatio } from '../../../src/stats/over-rounds.ts'
import { campaignSubject } from '../records/cells.ts'
import { underCondition, type Condition } from './condition.ts'
import type { CalibrationRecord, CampaignRecord } from '../records/records.ts'
import { settingsDigest } from './settings-digest.ts'
import { campaignScenario, slowedGate, slowdownOf } from './run-gate-cell.ts'

/** What a slowed slowdown should do to the 95th percentile, unless asked. */
const usualTarget = Math.log(1.1)
const rounds = 10

/** Sizes that an idle machine made about 10 % slower; where the search begins. */
const firstSizes: Readonly<Record<CalibrationRecord['slowdown'], Readonly<Record<string, number>>>> = {
  delay: { Q1: 0.09, Q2: 0.09, Q3: 0.09 },
  sql: { Q1: 450, Q2: 100, Q3: 75 },
}

/** Two sizes far apart tell what a slowdown costs by itself and for its size; later ones stand where +10 % should be. */
const firstTries: readonly number[] = [0.6, 1.4]

/** Calibrations of each slowdown in each condition before it is used. */
export const calibrationsDue = 2

/** Calibrations of a slowdown in a condition. */
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
 * The size that gives +10 % at the 95th percentile: on the line of least squares through what the calibrations measured,
 * since a slowdown costs something by itself beside what its size costs.
 */
export function slowdownSize(
  calibrations: readonly CalibrationRecord[],
  slowdown: CalibrationRecord['slowdown'],
  operation: string,
  target = usualTarget,
): number {
  const first = firstSizes[slowdown][operation] ?? 0
  const tried = calibrations.flatMap(({ operations }) => operations.filter(({ id }) => id === operation))
  const next = firstTries[tried.length]
  if (next !== undefined) return first * next
  const { m: slope } = linearRegression(tried.map(({ size, ratio }) => [size, Math.log(ratio)]))
  const meanSize = mean(tried.map(({ size }) => size))
  const meanEffect = mean(tried.map(({ ratio }) => Math.log(ratio)))
  // A line that noise has laid flat must not ask for an endless slowdown, nor for none.
  const size = meanSize + (target - meanEffect) / Math.max(slope, usualTarget / first / 4)
  const share = target / usualTarget
  return Math.min(Math.max(size, first * share * 0.75), first * share * 1.5)
}

/** Measures what a slowdown of the size thought right does, in all operations at once, over many rounds. */
export async function calibrate(
  condition: Condition,
  slowdown: CalibrationRecord['slowdown'],
  earlier: readonly CalibrationRecord[],
  signal: AbortSignal,
): Promise<CalibrationRecord> {
  const loaded = await campaignScenario()
  const sizes = campaignSubject.operations.map((id) => ({ id, size: slowdownSize(earlier, slowdown, id) }))
  const slowdowns = sizes.map(({ id, size }) => slowdownOf(loaded, slowdown, id, size))
  return underCondition(condition, async () => {
    const startedAt = new Date().toISOString()
    const chosen = { orderSeed: Date.now() % 2 ** 32, budget: [{ rounds, alpha: 0.003, stallAlpha: 0 }] }
    const { scenario } = await slowedGate(loaded, slowdowns, chosen, signal)
    const operations = sizes.map(({ id, size }) => {
      const roundsOf = (side: string) => {
        const timing = findTiming(scenario, id, side)
        return timing === undefined ? [] : sampledRounds(timing)
      }
      const ratio = pairedRatio(roundsOf(gateSides.candidate), roundsOf(gateSides.baseline), 'p95', 0.95)
      if (ratio.state !== 'measured') throw new RangeError(`calibration of ${id}: ${ratio.state}`)
      const { estimate, low, high } = ratio.interval
      return { id, size, ratio: estimate, low, high, rounds: ratio.rounds }
    })
    return { kind: 'calibration', settings: settingsDigest, startedAt, condition, slowdown, operations }
  })
}
