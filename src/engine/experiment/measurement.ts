import type { LoadedScenario } from '../../scenario/load.ts'
import type { MeasuredVariant } from '../../scenario/expand.ts'
import type { StagePlan } from '../../stage/stage-plan.ts'
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

/** One scenario under measurement: what every step needs. */
export interface Measurement {
  readonly loaded: LoadedScenario
  readonly variants: readonly MeasuredVariant[]
  /** `stages[v]` is the database of `variants[v]`; variants of the same database share it. */
  readonly stages: readonly Stage[]
  readonly options: MeasureOptions
}

/** The database that a variant of a scenario is measured on. */
export function stagePlanOf(
  variant: MeasuredVariant,
  { scale, seed }: Pick<MeasureOptions, 'scale' | 'seed'>,
  { migrationsFolder }: Pick<LoadedScenario, 'migrationsFolder'>,
): StagePlan {
  return {
    data: { scale, seed, ids: variant.ids ?? 'v4' },
    migrations: variant.migrations,
    statistics: variant.statistics,
    migrationsFolder,
  }
}
