import { errorAt } from '../../core/error-text.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import { expandVariants, type ExpandedVariant } from '../../scenario/expand.ts'
import { stageDatabases, type StageOf } from '../../stage/stage-databases.ts'
import type { StagePlan } from '../../stage/stage-plan.ts'
import type { MeasuredVariant, MeasureOptions, Measurement } from './measurement.ts'

type StageOptions = Pick<MeasureOptions, 'scale' | 'seed' | 'emit' | 'signal'>

/**
 * A scenario with a database for each of its variants in each of their statistics states, or for those given, ready to
 * be measured.
 * @throws UsageError or TargetError when a database cannot be made
 */
export async function stageScenario(
  loaded: LoadedScenario,
  options: MeasureOptions,
  variants: readonly ExpandedVariant[] = expandVariants(loaded.scenario),
): Promise<Measurement> {
  return { loaded, variants: await stageVariants(loaded, variants, options), options }
}

/** Variants of a scenario with their databases. Throws as `stageScenario`. */
export async function stageVariants(
  loaded: LoadedScenario,
  variants: readonly ExpandedVariant[],
  options: StageOptions,
): Promise<readonly MeasuredVariant[]> {
  const planned = variants.map((variant) => ({ variant, plan: stagePlanOf(variant, options, loaded) }))
  const plans = planned.map(({ plan }) => plan)
  const stageOf = await stagePlans(loaded.id, plans, options)
  return planned.map(({ variant, plan }) => ({ ...variant, stage: stageOf(plan), clonePath: null }))
}

/** The database that a variant of a scenario is measured on. */
export function stagePlanOf(
  variant: Pick<ExpandedVariant, 'ids' | 'migrations' | 'statistics'>,
  { scale, seed }: Pick<MeasureOptions, 'scale' | 'seed'>,
  { dataset, migrationsFolder }: Pick<LoadedScenario, 'dataset' | 'migrationsFolder'>,
): StagePlan {
  return {
    dataset,
    data: { scale, seed, ids: variant.ids ?? 'v4' },
    migrations: variant.migrations,
    statistics: variant.statistics,
    migrationsFolder,
  }
}

/** Makes the database of every plan, and says how far it is. Throws as `stageScenario`. */
export const stagePlans = (
  scenario: string,
  plans: readonly StagePlan[],
  { emit, signal }: Pick<MeasureOptions, 'emit' | 'signal'>,
): Promise<StageOf> =>
  stageDatabases(plans, {
    signal,
    onSeeding: (rowsDone, rowsTotal) => emit({ kind: 'seeding', rowsDone, rowsTotal }),
    onStaged: (done, total) => emit({ kind: 'progress', scenario, step: 'staging databases', done, total }),
    onNote: (message) => emit({ kind: 'warning', scenario, message }),
  }).catch((error: unknown) => {
    throw errorAt(scenario, error)
  })
