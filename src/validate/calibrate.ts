import { pairedRatio } from '../measure/paired-ratio.ts'
import { gateSides } from '../run/gate-run.ts'
import { findTiming } from '../run/compare-timings.ts'
import { sliceSeries } from '../run/slice-series.ts'
import { campaignSubject } from './cells.ts'
import { underCondition, type Condition } from './condition.ts'
import type { CalibrationRecord, CampaignRecord } from './records.ts'
import { settingsDigest } from './settings-digest.ts'
import { campaignScenario, plantedGate, plantOf } from './run-gate-cell.ts'

/** What a planted slowdown should do to the 95th percentile. */
const target = Math.log(1.1)
const rounds = 16
/** Calibrations of each plant in each condition before it is used. */
export const calibrationsDue = 2

/** Where the search begins: what these sizes did on an idle machine was between +5 and +20 %. */
const firstSizes: Readonly<Record<CalibrationRecord['plant'], Readonly<Record<string, number>>>> = {
  delay: { Q1: 0.09, Q2: 0.09, Q3: 0.09 },
  sql: { Q1: 700, Q2: 150, Q3: 110 },
}

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

/** The size that gives +10 % at the 95th percentile, from what the latest calibration's size gave: in proportion. */
export function plantSize(
  calibrations: readonly CalibrationRecord[],
  plant: CalibrationRecord['plant'],
  operation: string,
): number {
  const latest = calibrations.at(-1)?.operations.find(({ id }) => id === operation)
  if (latest === undefined) return firstSizes[plant][operation] ?? 0
  // A size that seems to do nothing would ask for an endless one.
  const effect = Math.max(Math.log(latest.ratio), target / 4)
  return latest.size * (target / effect)
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
    const chosen = { orderSeed: Date.now() % 2 ** 32, budget: [{ rounds, alpha: 0.003 }] }
    const { scenario } = await plantedGate(loaded, plants, chosen, signal)
    const operations = sizes.map(({ id, size }) => {
      const p95Of = (side: string) => {
        const slices = findTiming(scenario, id, side)?.slices
        return slices === undefined ? { round: [], block: [], value: [] } : sliceSeries(slices, 'p95')
      }
      const ratio = pairedRatio(p95Of(gateSides.candidate), p95Of(gateSides.baseline), 0.95)
      if (ratio.state !== 'measured') throw new RangeError(`calibration of ${id}: ${ratio.state}`)
      const { estimate, low, high } = ratio.interval
      return { id, size, ratio: estimate, low, high, rounds: ratio.rounds }
    })
    return { kind: 'calibration', shard, settings: settingsDigest, startedAt, condition, plant, operations }
  })
}
