import { gateSides } from '../../../src/run/gate-run.ts'
import { findTiming } from '../../../src/run/compare-timings.ts'
import { sampledRounds } from '../../../src/run/timed-rounds.ts'
import { pairedRatio } from '../../../src/stats/over-rounds.ts'
import { campaignSubject } from '../records/cells.ts'
import { underCondition, type Condition } from './condition.ts'
import type { CalibrationRecord, CampaignRecord } from '../records/records.ts'
import { settingsDigest } from './settings-digest.ts'
import { campaignScenario, plantedGate, plantOf } from './run-gate-cell.ts'

/** What a planted slowdown should do to the 95th percentile, unless asked. */
const usualTarget = Math.log(1.1)
const rounds = 10

/** Sizes that an idle machine made about 10 % slower; where the search begins. */
const firstSizes: Readonly<Record<CalibrationRecord['plant'], Readonly<Record<string, number>>>> = {
  delay: { Q1: 0.09, Q2: 0.09, Q3: 0.09 },
  sql: { Q1: 450, Q2: 100, Q3: 75 },
}

/** Two sizes far apart tell what a plant costs by itself and for its size; later ones stand where +10 % should be. */
const firstTries: readonly number[] = [0.6, 1.4]

/** Calibrations of each plant in each condition before it is used. */
export const calibrationsDue = 2

/** Calibrations of a plant in a condition. */
export const calibrationsOf = (
  records: readonly CampaignRecord[],
  condition: Condition,
  plant: CalibrationRecord['plant'],
): readonly CalibrationRecord[] =>
  records.filter(
    (record): record is CalibrationRecord =>
      record.kind === 'calibration' && record.condition === condition && record.plant === plant,
  )

/**
 * The size that gives +10 % at the 95th percentile: on the line of least squares through what the calibrations measured,
 * since a plant costs something by itself beside what its size costs.
 */
export function plantSize(
  calibrations: readonly CalibrationRecord[],
  plant: CalibrationRecord['plant'],
  operation: string,
  target = usualTarget,
): number {
  const first = firstSizes[plant][operation] ?? 0
  const tried = calibrations.flatMap(({ operations }) => operations.filter(({ id }) => id === operation))
  const next = firstTries[tried.length]
  if (next !== undefined) return first * next
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const meanSize = mean(tried.map(({ size }) => size))
  const meanEffect = mean(tried.map(({ ratio }) => Math.log(ratio)))
  const slope =
    mean(tried.map(({ size, ratio }) => (size - meanSize) * (Math.log(ratio) - meanEffect))) /
    mean(tried.map(({ size }) => (size - meanSize) ** 2))
  // A line that noise has laid flat must not ask for an endless plant, nor for none.
  const size = meanSize + (target - meanEffect) / Math.max(slope, usualTarget / first / 4)
  const share = target / usualTarget
  return Math.min(Math.max(size, first * share * 0.75), first * share * 1.5)
}

/** Measures what a plant of the size thought right does, in all operations at once, over many rounds. */
export async function calibrate(
  condition: Condition,
  plant: CalibrationRecord['plant'],
  earlier: readonly CalibrationRecord[],
  { shard, signal }: { readonly shard: string; readonly signal: AbortSignal },
): Promise<CalibrationRecord> {
  const loaded = await campaignScenario()
  const sizes = campaignSubject.operations.map((id) => ({ id, size: plantSize(earlier, plant, id) }))
  const plants = sizes.map(({ id, size }) => plantOf(loaded, plant, id, size))
  return underCondition(condition, async () => {
    const startedAt = new Date().toISOString()
    const chosen = { orderSeed: Date.now() % 2 ** 32, budget: [{ rounds, alpha: 0.003, stallAlpha: 0 }] }
    const { scenario } = await plantedGate(loaded, plants, chosen, signal)
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
    return { kind: 'calibration', shard, settings: settingsDigest, startedAt, condition, plant, operations }
  })
}
