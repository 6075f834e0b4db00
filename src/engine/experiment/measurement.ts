import type { PriceTable } from '../../cost/price-table.ts'
import type { ScenarioCost } from '../../run/run.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import type { ExpandedVariant } from '../../scenario/expand.ts'
import type { Stage } from '../../stage/stage.ts'
import type { Emit } from './event.ts'
import type { Sampling } from './sampling.ts'

/** A bill to make: whose rows to count, and what they cost. */
export interface CostOrder {
  /** All of a scenario, or those that a budget on rows or money a month names. */
  readonly variants: 'all' | 'with a budget'
  readonly prices: PriceTable
  /** Name of the plan in `prices` whose prices beyond the included amounts are taken. */
  readonly plan: string
  readonly callsOf: (scenario: LoadedScenario) => Pick<ScenarioCost, 'calls' | 'callsAssumed'>
}

export interface MeasureOptions {
  readonly scale: number
  readonly seed: number
  readonly sampling: Sampling
  /** Absent: no bill. */
  readonly cost?: CostOrder
  readonly emit: Emit
  readonly signal: AbortSignal
}

/** A variant with the database that it is measured on. */
export interface MeasuredVariant extends ExpandedVariant {
  /** Variants of the same database share it. */
  readonly stage: Stage
  /** Throw-away copy of it that writes go to while nothing is timed; null where no writes are measured. */
  readonly clonePath: string | null
}

/** One scenario under measurement: what every step needs. */
export interface Measurement {
  readonly loaded: LoadedScenario
  readonly variants: readonly MeasuredVariant[]
  readonly options: MeasureOptions
}
