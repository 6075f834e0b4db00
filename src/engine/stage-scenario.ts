import type { LoadedScenario } from '../scenario/load.ts'
import { expandVariants, type MeasuredVariant } from '../scenario/expand.ts'
import { stageDatabases } from '../stage/stage-databases.ts'
import { stagePlanOf, type MeasureOptions, type Measurement } from './measurement.ts'

/**
 * A scenario with a database for each of its variants in each of their statistics states, or for those given, ready to
 * be measured.
 * @throws UsageError or TargetError when a database cannot be made
 */
export async function stageScenario(
  loaded: LoadedScenario,
  options: MeasureOptions,
  variants: readonly MeasuredVariant[] = expandVariants(loaded.scenario),
): Promise<Measurement> {
  const { emit, signal } = options
  const stages = await stageDatabases(
    variants.map((variant) => stagePlanOf(variant, options, loaded)),
    {
      signal,
      onSeeding: (rowsDone, rowsTotal) => emit({ kind: 'seeding', rowsDone, rowsTotal }),
      onStaged: (done, total) =>
        emit({ kind: 'progress', scenario: loaded.id, step: 'staging databases', done, total }),
    },
  )
  return { loaded, variants, stages, options }
}
