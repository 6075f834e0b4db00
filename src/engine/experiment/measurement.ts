import type { LoadedScenario } from '../../scenario/load.ts'
import type { ExpandedVariant } from '../../scenario/expand.ts'
import type { Stage } from '../../stage/stage.ts'
import type { Emit } from './event.ts'
import type { Sampling } from './sampling.ts'

export interface MeasureOptions {
  readonly scale: number
  readonly seed: number
  readonly sampling: Sampling
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
